// The command line on 2 GiB of 16-bit samples in the page cache, against the two things that it
// cannot do without: reading the file, and the PSD of the same samples in memory.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numbers>

#include "base/json.h"
#include "options.h"
#include "papilio/error.h"
#include "papilio/papilio.h"

namespace papilio::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSamples = std::int64_t{1} << 30;  // of all rows together: 2 GiB
constexpr std::int64_t kSegment = 256;
constexpr double kAmplitude = 8000.0, kRate = 48000.0;
constexpr std::int64_t kToneBin = 20;

/// One second of noise and a tone in the middle of a bin, repeated: any segment has its peak there.
std::vector<std::int16_t> pattern() {
  std::vector<std::int16_t> samples(std::size_t{1} << 20);
  std::uint64_t state = 1;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const double noise = static_cast<double>(state >> 54) / 8.0 - 64.0;
    const double turns = static_cast<double>(i % kSegment * kToneBin) / kSegment;
    const double tone = kAmplitude * std::sin(2.0 * std::numbers::pi * turns);
    samples[i] = static_cast<std::int16_t>(std::lrint(tone + noise));
  }
  return samples;
}

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

std::string npy_header(std::int64_t rows) {
  std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (" +
                       std::to_string(rows) + ", " + std::to_string(kSamples / rows) + "), }";
  header.resize(117, ' ');
  return std::string("\x93NUMPY\x01\x00", 8) + little(118, 2) + header + "\n";
}

std::string wav_header(std::int64_t channels) {
  const auto rate = static_cast<std::uint64_t>(kRate);
  const auto frame = static_cast<std::uint64_t>(2 * channels);
  const auto bytes = static_cast<std::uint64_t>(2 * kSamples);
  return "RIFF" + little(bytes + 36, 4) + "WAVEfmt " + little(16, 4) + little(1, 2) +
         little(static_cast<std::uint64_t>(channels), 2) + little(rate, 4) +
         little(rate * frame, 4) + little(frame, 2) + little(16, 2) + "data" + little(bytes, 4);
}

/// A file that is removed in the end, however far it got.
struct TemporaryFile {
  fs::path path;
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

/// A file and the same samples in memory, row after row; a contender has its answer checked.
class FileProblem : public Problem {
 public:
  FileProblem(const std::string& kind, std::int64_t rows)
      : Problem(cell_of(kind, rows)),
        file_{fs::temp_directory_path() /
              ("papilio-bench-" + std::to_string(getpid()) + "." + kind)},
        interleaved_(kind == "wav"),
        samples_(static_cast<std::size_t>(kSamples)) {
    const std::vector<std::int16_t> block = pattern();
    for (std::size_t i = 0; i < samples_.size(); ++i) samples_[i] = block[i % block.size()];
    for (const std::int16_t sample : samples_) sum_ += sample;
    std::ofstream out(path(), std::ios::binary);
    if (interleaved_) {
      out << wav_header(rows);
      std::vector<std::int16_t> frames;  // all rows hold the same signal
      for (const std::int16_t sample : block) {
        frames.insert(frames.end(), static_cast<std::size_t>(rows), sample);
      }
      const auto bytes = static_cast<std::streamsize>(2 * frames.size());
      for (std::int64_t left = 2 * kSamples; left > 0 && out; left -= bytes) {
        out.write(reinterpret_cast<const char*>(frames.data()), bytes);
      }
    } else {
      out << npy_header(rows);
      out.write(reinterpret_cast<const char*>(samples_.data()), 2 * kSamples);
    }
    if (!out.flush()) throw UserError("[bench] cannot write 2 GiB to " + path().string());
  }

  static Cell cell_of(const std::string& kind, std::int64_t rows) {
    return {"file_" + kind, kSegment, rows, 0, 0, 0.0, 2.0 * kSamples / double(rows)};
  }

  void spoil() override { error_ = std::nan(""); }
  double error() const override { return error_; }

  const fs::path& path() const { return file_.path; }
  std::int64_t rows() const { return cell_.batch; }
  View<const std::int16_t> view() const { return {samples_.data(), rows(), kSamples / rows()}; }

  /// What a contender found: the sum of all 16-bit words of the samples.
  void check_sum(std::int64_t sum) {
    error_ = sum == sum_ ? 0.0 : std::numeric_limits<double>::infinity();
  }
  /// The power of the tone, A^2 / 2 in units of `scale` squared.
  void check_power(double power, double scale) {
    const double expected = 0.5 * kAmplitude * scale * kAmplitude * scale;
    error_ = std::abs(power / expected - 1.0);
  }
  double audio_scale() const { return interleaved_ ? 1.0 / 32768.0 : 1.0; }

 private:
  TemporaryFile file_;
  bool interleaved_;
  std::vector<std::int16_t> samples_;
  std::int64_t sum_ = 0;
  double error_ = 0.0;
};

WelchOptions options() {
  WelchOptions welch;
  welch.fs = kRate;
  welch.scaling = Scaling::spectrum;
  return welch;
}

Contender read_and_sum(FileProblem& problem) {
  const auto prepare = [&problem]() -> std::function<void()> {
    return [&problem] {
      const int file = open(problem.path().c_str(), O_RDONLY);
      if (file < 0) throw UserError("[bench] cannot open " + problem.path().string());
      const auto header = static_cast<off_t>(fs::file_size(problem.path())) - 2 * kSamples;
      lseek(file, header, SEEK_SET);
      std::vector<std::int16_t> block(std::size_t{1} << 19);
      std::int64_t sum = 0;
      for (ssize_t got = 0; (got = read(file, block.data(), 2 * block.size())) > 0;) {
        for (ssize_t i = 0; i < got / 2; ++i) sum += block[static_cast<std::size_t>(i)];
      }
      close(file);
      problem.check_sum(sum);
    };
  };
  return {"read_and_sum", "", 0.0, prepare};
}

Contender psd_in_memory(FileProblem& problem) {
  const auto prepare = [&problem]() -> std::function<void()> {
    return [&problem] {
      const auto psd = welch(problem.view(), options(), {"cpu", 1, 0});
      problem.check_power(psd.data[kToneBin], 1.0);
    };
  };
  return {"papilio_memory", "", 0.01, prepare};
}

std::string papilio_program() {
  return (fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "apps/papilio/papilio")
      .string();
}

Contender command_line(FileProblem& problem) {
  const auto prepare = [&problem]() -> std::function<void()> {
    return [&problem, program = papilio_program(), out = problem.path().string() + ".json"] {
      std::vector<std::string> words{program,     "peaks",    problem.path().string(),
                                     "--scaling", "spectrum", "--top",
                                     "1",         "--mode",   "bins",
                                     "--threads", "1",        "-o",
                                     out};
      if (problem.path().extension() == ".npy") words.insert(words.end(), {"--fs", "48000"});
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      pid_t child = 0;
      int status = 0;
      if (posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0 ||
          waitpid(child, &status, 0) != child || status != 0) {
        throw UserError("[bench] " + program +
                        " peaks failed; is the program built beside the benches?");
      }
      std::ifstream file(out);
      const std::string text((std::istreambuf_iterator<char>(file)), {});
      const base::Json json = base::parse_json(text, out);
      fs::remove(out);
      problem.check_power(json.at("data").at(0).at(0).at(1).get<double>(), problem.audio_scale());
    };
  };
  return {"papilio", "", 0.01, prepare};
}

std::vector<Outcome> run(const Command& command, const Told& told) {
  std::vector<Outcome> outcomes;
  check_works(command.settings, {"file_npy", "file_wav"});
  for (const auto& [kind, rows] : {std::pair<std::string, std::int64_t>{"npy", 64}, {"wav", 2}}) {
    if (!wanted(command.settings, "file_" + kind)) continue;
    std::vector<Outcome> cell;
    try {
      FileProblem problem(kind, rows);
      std::vector<Contender> contenders{command_line(problem), psd_in_memory(problem),
                                        read_and_sum(problem)};
      keep_wanted(command.settings, contenders);
      cell = race(problem, contenders, command.settings.race);
    } catch (const std::exception& error) {
      cell = {failed_cell(FileProblem::cell_of(kind, rows), error.what())};
    }
    told(cell);
    outcomes.insert(outcomes.end(), cell.begin(), cell.end());
  }
  return outcomes;
}

}  // namespace
}  // namespace papilio::bench

int main(int argc, char** argv) {
  return papilio::bench::bench_main("bench_file", argc, argv, papilio::bench::run);
}
