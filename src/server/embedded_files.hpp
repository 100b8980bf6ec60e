// The files of web/, compiled into the program.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace heliograph::server {

struct EmbeddedFile {
  std::string_view path;  // relative to web/: "tutorial/index.html"
  Bytes content;
};

std::span<const EmbeddedFile> embedded_files();

}  // namespace heliograph::server
