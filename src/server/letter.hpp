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
#include "server/admin_letter.hpp"
#include "server/lifeline.hpp"
#include "server/options.hpp"
#include "server/slots.hpp"
#include "signal/address.hpp"
#include "signal/effects.hpp"
#include "signal/envelope.hpp"
#include "signal/resume_token.hpp"
#include "signal/throttle.hpp"
#include "ws/close.hpp"

namespace heliograph::server {

// Asks the home worker of a name to give it to `claimant`.
struct ClaimName {
  std::string name;
  signal::Address claimant;
  signal::LoginId login = 0;
  bool contested = false;  // whoever had it was asked already
};

// Asks the worker of whoever has the name whether its client has gone away; then the name is given
// up for the claimant, who has shown that it is his.
struct NameContested {
  ClaimName claim;
  SlotId owner = 0;
};

// The answer, to the worker of the claimant.
struct NameClaimed {
  std::string name;
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

// Asks the worker of the connection on which the client of `session` is for its certificate.
struct CertificateAsked {
  SlotId connection = 0;
  signal::Address session;
  signal::LoginId login = 0;
  std::string name;
};

// Whose a ticket or a certificate is; nothing if it proves nothing.
struct Identified {
  SlotId connection = 0;
  signal::LoginId login = 0;
  std::optional<std::string> name;
};

// A client asks the worker of a session to go on with it on another connection.
struct ResumeSession {
  SlotId session = 0;
  signal::ResumeSecret secret{};
  std::optional<std::uint64_t> received;
  signal::Address client;  // the connection
  net::HostAddress peer;
  signal::LoginId login = 0;
};

// The answer, to the worker of the connection. Granted, the connection speaks for the session from
// now on: what it receives is FromClient, and what comes for it is ToClient.
struct Resumed {
  SlotId connection = 0;
  signal::LoginId login = 0;
  std::string throttle_key;
  bool right = false;  // the token was
  bool granted = false;
  signal::Address session;
};

// Whether the client said something before or after it was told that its session goes on.
enum class Heard : std::uint8_t { kBefore, kAfter };

// A message of the client. Nothing if the client of the session is on another connection by now.
struct FromClient {
  SlotId session = 0;
  signal::Address client;
  std::string message;
  Heard heard = Heard::kAfter;
};

// A message to the client.
struct ToClient {
  SlotId connection = 0;
  std::string message;
  std::optional<std::uint64_t> number;  // messages up to it are sent; nothing: it is not counted
};

// The client has received the messages up to this number.
struct Arrived {
  SlotId session = 0;
  signal::Address client;
  std::uint64_t number = 0;
};

// The connection of the client is gone; for good if the client or the server meant it.
struct ClientLost {
  SlotId session = 0;
  signal::Address client;
  bool for_good = false;
};

// The session closes its client's connection; or goes on elsewhere, and the connection is nobody's.
struct CloseClient {
  SlotId connection = 0;
  ws::CloseCode code = ws::CloseCode::kNormal;
  bool forget = false;
};

// The session ends if its client is still away: it has missed too much, or is not wanted any more.
struct GiveUp {
  SlotId session = 0;
};

// Tells the home worker of a name who watches it, or no longer does.
struct WatchName {
  std::string name;
  signal::Address watcher;
  bool watches = true;
};

// The name is online or offline, to the worker of who watches it.
struct NameSeen {
  SlotId session = 0;
  std::string name;
  bool online = false;
};

// Tells the home worker of a room who enters it, or leaves.
struct EnterRoom {
  std::string room;
  std::string name;
  signal::Address member;
};
struct LeaveRoom {
  std::string room;
  signal::Address member;
};

// What happened in a room, to the worker of one of its members, or of who wanted to be one.
struct RoomNews {
  enum class Kind : std::uint8_t { kEntered, kFull, kJoined, kLeft };

  SlotId session = 0;
  Kind kind = Kind::kEntered;
  std::string room;
  std::vector<std::string> names;  // kEntered: the other members; kJoined, kLeft: the one
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

// Asks whether the worker turns; it answers with StillAlive.
struct AreYouAlive {};

// To the main thread.
struct StillAlive {
  std::uint32_t worker = 0;
};

// Stop accepting, tell every client to go away within `over`; Stop follows when those of all
// workers have gone.
struct Drain {
  Milliseconds over = 0;
};
// End now.
struct Stop {};

using Letter =
    std::variant<ClaimName, NameContested, NameClaimed, ReleaseName, Parcel, Undelivered,
                 CredentialChecked, CertificateAsked, Identified, Rehashed, ResumeSession, Resumed,
                 FromClient, ToClient, Arrived, ClientLost, CloseClient, GiveUp, WatchName,
                 NameSeen, EnterRoom, LeaveRoom, RoomNews, RedisResolved, Reconfigure, Question,
                 AreYouAlive, Drain, Stop>;

}  // namespace heliograph::server
