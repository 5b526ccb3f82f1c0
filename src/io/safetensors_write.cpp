// .safetensors written canonically: the same contents give the same bytes, whatever their order.
#include <algorithm>

#include "base/atomic_file.h"
#include "base/json.h"
#include "io/safetensors.h"
#include "io/utf.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

// Readers refuse a longer header.
constexpr std::size_t kMaxHeader = 100'000'000;
// The data of a mapped file begin at such an address, and so does every tensor of 64-bit elements.
constexpr std::size_t kAlignment = 8;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw UserError("[safetensors] " + path + " cannot be written: " + why);
}

// JSON is UTF-8, and text of another kind would come back changed.
void check_text(const std::string& path, const std::string& text, const std::string& what) {
  if (to_utf8(to_utf32(text)) == text) return;
  refuse(path, what + " " + quoted_name(text) + " is not UTF-8; rename it");
}

void check_tensor(const std::string& path, const NamedTensor& tensor) {
  const std::string name = "tensor " + quoted_name(tensor.name);
  check_text(path, tensor.name, "tensor");
  if (tensor.name == "__metadata__") refuse(path, name + " has a reserved name; rename it");
  const std::optional<std::int64_t> bytes = tensor_bytes(tensor.type, tensor.shape);
  if (!bytes) {
    refuse(path, name + " has a shape that no file can hold; correct its extents");
  }
  if (static_cast<std::uint64_t>(*bytes) != tensor.bytes.size()) {
    refuse(path, name + " needs " + std::to_string(*bytes) + " bytes for its shape of " +
                     name_of(tensor.type) + " and has " + std::to_string(tensor.bytes.size()) +
                     "; correct its shape");
  }
}

using Order = std::vector<const NamedTensor*>;

// Checked, and in the order of names.
Order by_name(const Safetensors& contents, const std::string& path) {
  for (const auto& [key, value] : contents.metadata) {
    check_text(path, key, "metadata");
    check_text(path, value, "the text of metadata " + quoted_name(key) + ",");
  }
  Order order;
  for (const NamedTensor& tensor : contents.tensors) {
    check_tensor(path, tensor);
    order.push_back(&tensor);
  }
  std::sort(order.begin(), order.end(),
            [](const NamedTensor* a, const NamedTensor* b) { return a->name < b->name; });
  const auto twice = std::adjacent_find(
      order.begin(), order.end(),
      [](const NamedTensor* a, const NamedTensor* b) { return a->name == b->name; });
  if (twice != order.end()) {
    refuse(path, "two tensors are called " + quoted_name((*twice)->name) + "; rename one");
  }
  return order;
}

// Wide elements first: behind them the narrower are aligned whatever their number.
Order by_data(Order order) {
  std::stable_sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
    return bits_of(a->type) > bits_of(b->type);
  });
  return order;
}

void append_metadata(std::string& text, const std::map<std::string, std::string>& metadata) {
  text += "\"__metadata__\":{";
  for (const auto& [key, value] : metadata) {
    if (text.back() != '{') text += ',';
    base::append_string(text, key);
    text += ':';
    base::append_string(text, value);
  }
  text += '}';
}

void append_tensor(std::string& text, const NamedTensor& tensor, std::size_t begin) {
  base::append_string(text, tensor.name);
  text += std::string(":{\"dtype\":\"") + name_of(tensor.type) + "\",\"shape\":[";
  for (const std::int64_t extent : tensor.shape) {
    if (text.back() != '[') text += ',';
    text += std::to_string(extent);
  }
  text += "],\"data_offsets\":[" + std::to_string(begin) + ',' +
          std::to_string(begin + tensor.bytes.size()) + "]}";
}

std::string make_header(const Safetensors& contents, const std::string& path, const Order& names,
                        const Order& data) {
  std::map<const NamedTensor*, std::size_t> begins;
  std::size_t offset = 0;
  for (const NamedTensor* tensor : data) {
    begins[tensor] = offset;
    offset += tensor->bytes.size();
  }
  std::string text = "{";
  if (!contents.metadata.empty()) append_metadata(text, contents.metadata);
  for (const NamedTensor* tensor : names) {
    if (text.size() > 1) text += ',';
    append_tensor(text, *tensor, begins[tensor]);
  }
  text += '}';
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  if (text.size() > kMaxHeader) {
    refuse(path, "its header has " + std::to_string(text.size()) +
                     " bytes, and 100000000 is the limit; shorten the metadata");
  }
  return text;
}

// `path` is for messages.
void write(const Safetensors& contents, const std::string& path, const Sink& sink) {
  const Order names = by_name(contents, path);
  const Order data = by_data(names);
  const std::string header = make_header(contents, path, names, data);
  std::string length;
  for (int i = 0; i < 8; ++i) length += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  sink(length);
  sink(header);
  for (const NamedTensor* tensor : data) {
    sink({reinterpret_cast<const char*>(tensor->bytes.data()), tensor->bytes.size()});
  }
}

}  // namespace

void write_safetensors(const Safetensors& contents, const Sink& sink) {
  write(contents, contents.path, sink);
}

void write_safetensors(const Safetensors& contents, const std::string& path) {
  base::AtomicFile file(path);
  write(contents, path, [&file](std::string_view bytes) { file.write(bytes); });
  file.commit();
}

}  // namespace papilio::io
