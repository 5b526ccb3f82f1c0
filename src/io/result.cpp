// Results: lookup, kinds, and the way to a file.
#include "io/result.h"

#include "base/atomic_file.h"
#include "base/text.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

struct NamedKind {
  const char* name;
  Kind kind;
};
constexpr NamedKind kKinds[] = {
    {"npz", Kind::npz}, {"npy", Kind::npy}, {"csv", Kind::csv}, {"json", Kind::json}};

std::optional<Kind> find_kind(const std::string& name) {
  for (const NamedKind& known : kKinds) {
    if (name == known.name) return known.kind;
  }
  return std::nullopt;
}

}  // namespace

std::int64_t NamedArray::count() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) product *= extent;
  return product;
}

NamedArray texts(std::string name, std::vector<std::string> values) {
  NamedArray array;
  array.name = std::move(name);
  array.element = Element::text;
  array.shape = {static_cast<std::int64_t>(values.size())};
  array.texts = std::move(values);
  return array;
}

const NamedArray* Result::find(std::string_view name) const {
  for (const NamedArray& array : arrays) {
    if (array.name == name) return &array;
  }
  return nullptr;
}

Kind kind_of(const std::string& path, const std::optional<std::string>& kind) {
  if (kind) {
    if (const auto known = find_kind(*kind)) return *known;
    const std::vector<std::string> names{"npz", "npy", "csv", "json"};
    throw UserError("[out] unknown --kind " + *kind + base::did_you_mean(*kind, names) +
                    "; give npz, npy, csv or json");
  }
  if (path == "-") throw UserError("[out] -o - needs --kind npz, npy, csv or json");
  const std::string file = path.substr(path.rfind('/') + 1);
  const std::size_t dot = file.rfind('.');
  if (dot != std::string::npos) {
    if (const auto known = find_kind(file.substr(dot + 1))) return *known;
  }
  throw UserError("[out] the ending of " + path +
                  " tells no kind; use .npz, .npy, .csv or .json, or give --kind");
}

void write_result(const Result& result, Kind kind, const std::string& path) {
  base::AtomicFile file(path);
  const Sink sink = [&file](std::string_view bytes) { file.write(bytes); };
  switch (kind) {
    case Kind::npz:
      write_npz(result, sink);
      break;
    case Kind::npy:
      write_npy(result, sink);
      break;
    case Kind::json:
      write_json(result, sink);
      sink("\n");
      break;
    case Kind::csv:
      write_csv(result, sink);
      break;
  }
  file.commit();
}

}  // namespace papilio::io
