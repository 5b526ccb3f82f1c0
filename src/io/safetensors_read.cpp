// .safetensors read strictly: eight bytes of length, a JSON header, data that the tensors cover
// without holes. The header is taken event by event, so that nothing of a wrong form is ever held,
// and what the reference reader lets pass (keys twice, unknown keys) is refused too.
#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "base/json.h"
#include "io/mapped_file.h"
#include "io/safetensors.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

using base::Json;

constexpr std::size_t kLengthBytes = 8;
// The limit of the reference implementation.
constexpr std::uint64_t kMaxHeader = 100'000'000;
// As many as numpy has; a list that is only long need not be held.
constexpr std::size_t kMaxAxes = 64;
constexpr const char* kMetadata = "__metadata__";

// What is wrong with one file.
class Judge {
 public:
  explicit Judge(const std::string& file) : file_(file) {}

  [[noreturn]] void refuse(const std::string& why, const std::string& advice = kWriteAgain) const {
    throw UserError("[safetensors] " + file_ + ": " + why + "; " + advice);
  }
  [[noreturn]] void tensor(std::string_view name, const std::string& why,
                           const std::string& advice = kWriteAgain) const {
    refuse("tensor " + quoted_name(name) + ": " + why, advice);
  }

  static constexpr const char* kWriteAgain = "write it again with save_file of safetensors";
  static constexpr const char* kCopyAgain = "copy or write it again";

 private:
  const std::string& file_;
};

// A tensor as the header describes it: bytes [begin, end) of the data.
struct Entry {
  NamedTensor tensor;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// Takes the events of the JSON parser. Each is either expected at its place or refused.
class HeaderEvents {
 public:
  explicit HeaderEvents(const Judge& judge) : judge_(judge) {}

  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

  bool null() { unexpected(); }
  bool boolean(bool) { unexpected(); }
  bool number_integer(Json::number_integer_t) { unexpected(); }  // negative
  bool number_float(Json::number_float_t, const std::string&) { unexpected(); }
  bool binary(Json::binary_t&) { unexpected(); }

  bool number_unsigned(Json::number_unsigned_t value) {
    if (place_ == Place::offsets) {
      offsets_.push_back(value);
      if (offsets_.size() > 2) unexpected();
      return true;
    }
    if (place_ != Place::shape) unexpected();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      judge_.tensor(name_, "its shape is too large for any file");
    }
    std::vector<std::int64_t>& shape = entries.back().tensor.shape;
    shape.push_back(static_cast<std::int64_t>(value));
    if (shape.size() > kMaxAxes) judge_.tensor(name_, "its shape has more than 64 axes");
    return true;
  }

  bool string(std::string& value) {
    if (place_ == Place::metadata) {
      metadata[key_] = std::move(value);
      return true;
    }
    if (place_ != Place::tensor || key_ != "dtype") unexpected();
    const std::optional<TensorType> type = tensor_type(value);
    if (!type) judge_.tensor(name_, "dtype " + quoted_name(value) + " is unknown");
    entries.back().tensor.type = *type;
    return true;
  }

  bool key(std::string& key) {
    key_ = key;
    if (place_ == Place::top) {
      name_ = key;
      if (!names_.insert(key).second)
        judge_.refuse(quoted_name(key) + " stands twice in the header");
    } else if (place_ == Place::metadata) {
      if (metadata.contains(key))
        judge_.refuse("metadata key " + quoted_name(key) + " stands twice");
    } else {
      if (key != "dtype" && key != "shape" && key != "data_offsets") {
        judge_.tensor(name_, "key " + quoted_name(key) + " is unknown");
      }
      if (!fields_.insert(key).second) judge_.tensor(name_, key + " stands twice");
    }
    return true;
  }

  bool start_object(std::size_t) {
    if (place_ == Place::outside) {
      place_ = Place::top;
    } else if (place_ == Place::top && name_ == kMetadata) {
      place_ = Place::metadata;
    } else if (place_ == Place::top) {
      place_ = Place::tensor;
      fields_.clear();
      entries.emplace_back();
      entries.back().tensor.name = name_;
    } else {
      unexpected();
    }
    return true;
  }
  bool end_object() {
    if (place_ == Place::tensor && fields_.size() != 3) {
      judge_.tensor(name_, "dtype, shape and data_offsets must all be there");
    }
    place_ = place_ == Place::top ? Place::outside : Place::top;
    return true;
  }

  bool start_array(std::size_t) {
    if (place_ != Place::tensor || key_ == "dtype") unexpected();
    place_ = key_ == "shape" ? Place::shape : Place::offsets;
    offsets_.clear();
    return true;
  }
  bool end_array() {
    if (place_ == Place::offsets) {
      if (offsets_.size() != 2) unexpected();
      entries.back().begin = offsets_[0];
      entries.back().end = offsets_[1];
    }
    place_ = Place::tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    judge_.refuse("its header is not valid JSON (at byte " + std::to_string(position) + " of it)");
  }

 private:
  enum class Place { outside, top, metadata, tensor, shape, offsets };

  [[noreturn]] void unexpected() const {
    if (place_ == Place::outside) judge_.refuse("its header is no JSON object");
    if (place_ == Place::metadata) {
      judge_.refuse("metadata " + quoted_name(key_) + " must be a string");
    }
    if (place_ == Place::top && name_ == kMetadata) {
      judge_.refuse("__metadata__ must be an object of strings");
    }
    if (place_ == Place::top) {
      judge_.tensor(name_, "must be an object of dtype, shape and data_offsets");
    }
    if (key_ == "dtype") judge_.tensor(name_, "dtype must be a string");
    judge_.tensor(name_, key_ == "shape" ? "shape must be a list of whole numbers from 0 up"
                                         : "data_offsets must be two whole numbers from 0 up");
  }

  const Judge& judge_;
  Place place_ = Place::outside;
  std::string name_;  // of the tensor, or __metadata__
  std::string key_;
  std::set<std::string> names_;
  std::set<std::string> fields_;  // of this tensor
  std::vector<std::uint64_t> offsets_;
};

// The header's text, of a length that the file has.
std::string_view header_text(std::span<const std::byte> file, const Judge& judge) {
  if (file.size() < kLengthBytes) {
    judge.refuse("is no .safetensors file (it has " + std::to_string(file.size()) +
                 " bytes, and its first 8 are a length)");
  }
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    length = length << 8 | std::to_integer<std::uint64_t>(file[i]);
  }
  if (length > kMaxHeader) {
    judge.refuse("is no .safetensors file (its first 8 bytes say a header of " +
                 std::to_string(length) + " bytes, and 100000000 is the limit)");
  }
  if (length > file.size() - kLengthBytes) {
    judge.refuse("is truncated: its header has " + std::to_string(length) + " bytes, " +
                     std::to_string(file.size() - kLengthBytes) + " are there",
                 Judge::kCopyAgain);
  }
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + kLengthBytes,
                              static_cast<std::size_t>(length));
  if (!text.starts_with('{')) judge.refuse("its header does not begin with '{'");
  // The JSON parser takes a NUL for the end of its input and would not see what follows.
  if (text.find('\0') != std::string_view::npos) judge.refuse("its header holds a NUL byte");
  return text;
}

std::string bytes_of(std::uint64_t count) { return std::to_string(count) + " bytes"; }

// A tensor alone: its bytes lie in the data and are as many as its shape says.
void check_extent(const Entry& entry, std::uint64_t data_bytes, const Judge& judge) {
  const NamedTensor& tensor = entry.tensor;
  if (entry.begin > entry.end) judge.tensor(tensor.name, "data_offsets end before they begin");
  const std::optional<std::int64_t> bytes = tensor_bytes(tensor.type, tensor.shape);
  if (!bytes) {
    judge.tensor(tensor.name, "its shape is too large for any file, or ends inside a byte");
  }
  const std::uint64_t present = entry.end - entry.begin;
  if (static_cast<std::uint64_t>(*bytes) != present) {
    judge.tensor(tensor.name, "its shape and dtype " + std::string(name_of(tensor.type)) +
                                  " need " + bytes_of(static_cast<std::uint64_t>(*bytes)) +
                                  ", its data_offsets hold " + bytes_of(present));
  }
  if (entry.end > data_bytes) {
    judge.tensor(tensor.name,
                 "is truncated: it ends at byte " + std::to_string(entry.end) +
                     " of the data, of which " + bytes_of(data_bytes) + " are there",
                 Judge::kCopyAgain);
  }
}

// All tensors together: side by side from the first byte of the data to the last. Sorts them so.
void check_cover(std::vector<Entry>& entries, std::uint64_t data_bytes, const Judge& judge) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.tensor.name) < std::tie(b.begin, b.end, b.tensor.name);
  });
  std::uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin > covered) {
      judge.tensor(entry.tensor.name,
                   bytes_of(entry.begin - covered) + " before it belong to no tensor");
    }
    if (entry.begin < covered) {
      judge.tensor(entry.tensor.name,
                   "overlaps the tensor before it by " + bytes_of(covered - entry.begin));
    }
    covered = entry.end;
  }
  if (covered < data_bytes) {
    judge.refuse(bytes_of(data_bytes - covered) + " after the last tensor belong to none");
  }
}

}  // namespace

Safetensors parse_safetensors(std::span<const std::byte> bytes, const std::string& name) {
  const Judge judge(name);
  const std::string_view text = header_text(bytes, judge);
  HeaderEvents header(judge);
  Json::sax_parse(text.data(), text.data() + text.size(), &header);
  const std::span<const std::byte> data = bytes.subspan(kLengthBytes + text.size());
  for (const Entry& entry : header.entries) check_extent(entry, data.size(), judge);
  check_cover(header.entries, data.size(), judge);

  Safetensors contents;
  contents.path = name;
  contents.metadata = std::move(header.metadata);
  for (Entry& entry : header.entries) {
    entry.tensor.bytes = data.subspan(entry.begin, entry.end - entry.begin);
    contents.tensors.push_back(std::move(entry.tensor));
  }
  std::sort(contents.tensors.begin(), contents.tensors.end(),
            [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
  return contents;
}

Safetensors read_safetensors(const std::string& path) {
  const auto file = std::make_shared<const MappedFile>(path);
  Safetensors contents = parse_safetensors(file->bytes(), path);
  for (NamedTensor& tensor : contents.tensors) tensor.owner = file;
  return contents;
}

}  // namespace papilio::io
