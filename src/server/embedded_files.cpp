#include "server/embedded_files.hpp"

#include <algorithm>

namespace heliograph::server {

const EmbeddedFile* find_embedded_file(std::string_view path) {
  const auto files = embedded_files();
  const auto found = std::ranges::find(files, path, &EmbeddedFile::path);
  return found == files.end() ? nullptr : &*found;
}

}  // namespace heliograph::server
