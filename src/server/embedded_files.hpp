// The files of web/, compiled into the program.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace heliograph::server {

struct EmbeddedFile {
  struct Representation {
    Bytes content;
    std::string_view tag;  // a strong entity-tag, with its quotes
  };

  std::string_view path;  // relative to web/: "tutorial/index.html"
  Representation identity;
  Representation gzip;
};

std::span<const EmbeddedFile> embedded_files();
// Nullptr if there is no such file. The path is compared, and never resolved.
const EmbeddedFile* find_embedded_file(std::string_view path);

}  // namespace heliograph::server
