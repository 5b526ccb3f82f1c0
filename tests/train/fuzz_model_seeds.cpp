// Writes the seeds of fuzz_model, small models of several kinds: fuzz_model_seeds FOLDER.
#include <filesystem>

#include "train/model_file.h"
#include "transform/inits.h"
#include "transform/structures.h"

namespace {

using namespace papilio;

transform::NetworkSpec spec_of(const char* radices) {
  transform::NetworkSpec spec;
  spec.layout = transform::parse_layout(radices);
  return spec;
}

void write_seeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  transform::NetworkSpec spec = spec_of("2,3");
  train::save_model(train::model_of(transform::exact_dft(spec)), folder / "plain");
  train::save_model(train::model_of(transform::dct2(spec)), folder / "dct2");
  spec.form = transform::Form::block;
  spec.field = transform::Field::real;
  transform::Network gated = random_network(spec, 1);
  gated.stages[0].gates.assign(3, 0.5);
  train::save_model(train::model_of(gated), folder / "block");
  spec = spec_of("2,2");
  spec.input = transform::Input::real;
  spec.tying = transform::Tying::tied;
  train::save_model(train::model_of(transform::exact_dft(spec)), folder / "real");
  spec.input = transform::Input::complex;
  train::ModelFile pair;
  pair.kind = train::ModelKind::encdec;
  pair.dtype = DType::f32;
  pair.parts = {{"encoder", transform::exact_dft(spec), {}},
                {"decoder", transform::exact_dft(spec), {}}};
  train::save_model(pair, folder / "pair");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  write_seeds(argv[1]);
  return 0;
}
