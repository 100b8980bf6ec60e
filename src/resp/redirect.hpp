// Error replies that say that a command has not run, and where or when it may: MOVED and ASK of a
// Cluster, TRYAGAIN and CLUSTERDOWN, and what a server says that is loading its data or that is no
// master (any more).
//
//   MOVED 3999 127.0.0.1:6381      ASK 3999 [::1]:6381      MOVED 3999 :6381 (the same host)
//
// Specification: Redis Cluster specification, "Redirection and resharding"; sentinel-clients.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "resp/error.hpp"
#include "resp/value.hpp"

namespace heliograph::resp {

inline constexpr std::uint16_t kSlotCount = 16384;

// Servers that disagree about who has a slot would otherwise send a command round for ever.
inline constexpr unsigned kMostRedirects = 5;

struct Redirect {
  enum class Kind : std::uint8_t {
    kMoved,        // the slot is there, from now on
    kAsk,          // this key is there already: ASKING, then this command
    kTryAgain,     // the keys of the command are on their way
    kClusterDown,  // the slot has no server
    kLoading,      // the server reads its data
    kReadOnly,     // the server is a replica
    kMasterDown,   // the server is a replica whose master is away
  };
  Kind kind = Kind::kMoved;
  std::uint16_t slot = 0;      // kMoved, kAsk
  std::string_view host = {};  // without brackets; empty: that of the server that answers
  std::uint16_t port = 0;
};

// Nothing if `reply` is no such error.
Result<std::optional<Redirect>, Error> parse_redirect(const Reply& reply);

// A host that a server may name: 1 to 255 printable characters without a space.
bool is_host(std::string_view text);

}  // namespace heliograph::resp
