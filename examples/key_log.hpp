// The secrets of all connections, appended to a file that Wireshark reads (RFC 9850).
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <syncstream>

#include <sys/stat.h>

#include "tls/key_log.hpp"

inline heliograph::tls::KeyLog key_log(const std::string& path) {
  ::umask(S_IRWXG | S_IRWXO);  // whoever reads it can read all traffic
  return [file = std::make_shared<std::ofstream>(path, std::ios::app)](std::string_view line) {
    std::osyncstream(*file) << line << std::endl;
  };
}
