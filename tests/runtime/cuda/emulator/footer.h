// Ends every translation unit: the driver of the tests launches kernels through it.
extern "C" __attribute__((visibility("default"))) void emulate_launch(void* kernel,
                                                                      const unsigned* grid,
                                                                      const unsigned* threads,
                                                                      void** args) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const auto& p = *static_cast<const Params*>(args[0]);
  const auto run = reinterpret_cast<void (*)(Params)>(kernel);
  emulator::grid_dim = {grid[0], grid[1], grid[2]};
  emulator::block_dim = {threads[0], 1, 1};
  for (unsigned x = 0; x < grid[0]; ++x) {
    emulator::block_idx = {x, 0, 0};
    // What an earlier block left must not pass for what this one wrote.
    std::memset(shared_memory, 0xFF, sizeof shared_memory);
    emulator::run_block([&] { run(p); }, threads[0]);
  }
}
