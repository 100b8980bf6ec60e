// How a client and its connections behave.
#pragma once

#include <cstddef>
#include <string>

#include "base/time.hpp"
#include "resp/parser.hpp"

namespace heliograph::resp {

struct ClientOptions {
  std::string client_name = {};  // shown by CLIENT LIST; empty: none
  // The Sentinels may want other credentials than the servers that they watch. Empty: none.
  std::string sentinel_user = {};
  std::string sentinel_password = {};

  // Commands that wait or are under way, in number and in bytes; one more is not accepted. Without
  // them a server that stops reading makes us store whatever our own clients ask.
  std::size_t queue_commands = 4096;
  std::size_t queue_bytes = std::size_t{8} << 20;
  // From command() to the answer. A server that stalls must not stall us.
  Milliseconds command_deadline = 2000;
  // From kConnect to the end of the handshake.
  Milliseconds setup_deadline = 5000;
  // The same for Sentinels, a master that they know, and a Cluster: others may answer sooner.
  Milliseconds short_setup_deadline = 1000;
  // Silence after which PING asks whether the server is still there.
  Milliseconds ping_after = 2000;
  // The n-th attempt follows after a random part of min(first * 2^n, longest): the clients of a
  // server that returns do not arrive all at once.
  Milliseconds first_backoff = 50;
  Milliseconds longest_backoff = 5000;
  // The same bound where another server may take over; then each attempt asks who is the master.
  Milliseconds longest_failover_backoff = 500;
  // At least this long after a refused handshake: a wrong password stays wrong.
  Milliseconds refused_backoff = 1000;
  // Our own messages to ourselves, on this channel or on channels that begin with it, every
  // `probe_interval` while there are subscriptions. Empty: none. Must be of this client alone.
  std::string probe_channel = {};
  Milliseconds probe_interval = 2000;
  Limits limits = {};
};

}  // namespace heliograph::resp
