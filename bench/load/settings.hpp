// What the command line says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace heliograph::bench {

struct Settings {
  // Servers on the loopback; connections are dealt out to them in turn.
  std::vector<std::uint16_t> ports = {9090};
  std::vector<pid_t> pids;  // to measure
  bool plain = false;       // ws:// instead of wss://
  std::string group = "X25519";
  bool tls12 = false;

  double warm_up = 0.5;  // seconds that do not count
  double seconds = 2;    // that count
  std::size_t connections = 100;
  std::size_t at_once = 64;  // connections in the making
  std::size_t active = 0;    // of the connections, how many speak; 0: all
  std::size_t depth = 1;     // messages on their way for each that speaks
  double rate = 0;           // messages in a second, whatever the server does; 0: by depth
  std::size_t size = 64;     // bytes in a message
  bool resume = false;       // TLS sessions
  bool login = false;        // the server is one of signaling
  std::size_t users = 1000;  // user1, user2, … with password1, password2, …
  std::size_t flooders = 1;  // pairs that send without end
};

}  // namespace heliograph::bench
