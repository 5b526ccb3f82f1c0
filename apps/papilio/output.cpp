// Output of texts.
#include "output.h"

#include "base/atomic_file.h"

namespace papilio::app {

void write_text(const std::string& path, std::string_view text) {
  base::AtomicFile file(path);
  file.write(text);
  file.commit();
}

void write_json_line(const io::Result& result) { io::write_result(result, io::Kind::json, "-"); }

}  // namespace papilio::app
