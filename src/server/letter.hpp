// What is posted to a worker: by other workers, by the work pool, by the main thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "crypto/secret_bytes.hpp"
#include "net/endpoint.hpp"
#include "net/poller.hpp"
#include "server/options.hpp"
#include "server/slots.hpp"
#include "signal/address.hpp"
#include "signal/effects.hpp"
#include "signal/envelope.hpp"

namespace heliograph::server {

// Asks the home worker of a name to give it to `claimant`.
struct ClaimName {
  std::string name;
  signal::Address claimant;
  signal::LoginId login = 0;
};

// The answer, to the worker of the claimant.
struct NameClaimed {
  SlotId connection = 0;
  signal::LoginId login = 0;
  bool granted = false;
};

// Tells the home worker of a name that `owner` no longer has it.
struct ReleaseName {
  std::string name;
  signal::Address owner;
};

// An envelope on its way: to the home worker of the name (no connection yet), then to the worker
// of the connection that has the name.
struct Parcel {
  signal::OwnedEnvelope envelope;
  std::optional<SlotId> connection;
};

// Nobody has the name to which `envelope` of the session on `connection` went.
struct Undelivered {
  SlotId connection = 0;
  signal::OwnedEnvelope envelope;
};

// The outcome of checking a password.
struct CredentialChecked {
  enum class Outcome : std::uint8_t {
    kRight,
    kWrong,
    kRefused,      // too many are held, or are being checked, already
    kUnavailable,  // Redis is away
  };
  SlotId connection = 0;
  signal::LoginId login = 0;
  std::string name;
  Outcome outcome = Outcome::kRefused;
};

// The pool has hashed the password of somebody who has logged in, to replace `stored`.
struct Rehashed {
  std::string name;
  crypto::SecretBytes stored;
  std::string hash;
};

// Whose a ticket or a certificate is; nothing if it proves nothing.
struct Identified {
  SlotId connection = 0;
  signal::LoginId login = 0;
  std::optional<std::string> name;
};

// The pool has looked up the address of Redis; empty if that failed.
struct RedisResolved {
  net::PollToken lookup = 0;
  std::vector<net::Endpoint> endpoints;
  std::string error;
};

// What counts from now on.
struct Reconfigure {
  std::shared_ptr<const Reloadable> settings;
};

// Stop accepting, tell every client to go away within `over`, end when they have gone.
struct Drain {
  Milliseconds over = 0;
};
// End now.
struct Stop {};

using Letter =
    std::variant<ClaimName, NameClaimed, ReleaseName, Parcel, Undelivered, CredentialChecked,
                 Identified, Rehashed, RedisResolved, Reconfigure, Drain, Stop>;

}  // namespace heliograph::server
