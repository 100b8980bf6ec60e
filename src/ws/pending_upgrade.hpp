// An upgrade that waits for its answer. Whether a client may connect can be a question to somebody
// else: what the answer needs is kept here, when the bytes of the request are long gone.
//
//   check_upgrade ──▶ UpgradeRequest ──▶ PendingUpgrade ┬─▶ accept: 101, then ws::Connection
//                                                       └─▶ reject: any status, then close
//
// Who knows the answer at once gives it at once: there is no other way to a 101.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "http/head.hpp"
#include "ws/deflate.hpp"
#include "ws/handshake.hpp"

namespace heliograph::ws {

// How an upgrade is accepted.
struct Acceptance {
  // One of those that the client offered; empty: none.
  std::string_view subprotocol = {};
  // Null: permessage-deflate is declined.
  const DeflateOptions* deflate = nullptr;
  // Fields of the caller's, such as Set-Cookie.
  std::span<const http::Field> fields = {};
};

// How an upgrade is rejected: `status` is one of 300 to 599 that may have a body.
struct Rejection {
  int status = 403;
  std::span<const http::Field> fields = {};
  std::string_view body = {};
};

class PendingUpgrade {
 public:
  explicit PendingUpgrade(const UpgradeRequest& request);

  struct Accepted {
    // For ws::Connection, with what was agreed on. Null if the client did not offer
    // permessage-deflate, no offer could be kept, or the budget is spent.
    std::unique_ptr<MessageDeflate> deflate;
  };
  // Appends the 101. Nothing, and nothing appended, if the subprotocol was not offered, or a field
  // cannot be written or is one of the handshake's own.
  [[nodiscard]] std::optional<Accepted> accept(const Acceptance& acceptance, Buffer& output) const;

  // Appends the whole refusal, behind which the connection closes. False, and nothing appended, if
  // the status or a field cannot stand there.
  [[nodiscard]] static bool reject(const Rejection& rejection, Buffer& output);

 private:
  [[nodiscard]] bool offers(std::string_view subprotocol) const;

  std::string accept_;
  std::string subprotocols_;  // the client's list
  std::string extensions_;    // the client's list
};

}  // namespace heliograph::ws
