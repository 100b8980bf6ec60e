// The command line of the peers in C++: PORT CERTIFICATE KEY; with `-` as certificate they speak
// ws:// instead of wss://.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

struct EchoOptions {
  EchoOptions(int count, char** words) {
    if (count != 4) throw std::runtime_error("usage: PORT CERTIFICATE KEY");
    port = static_cast<std::uint16_t>(std::stoul(words[1]));
    certificate = words[2];
    key = words[3];
  }
  [[nodiscard]] bool tls() const { return certificate != "-"; }

  std::uint16_t port = 0;
  std::string certificate;
  std::string key;
};
