#include "ws/pending_upgrade.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "http/response.hpp"
#include "http/text.hpp"

namespace heliograph::ws {
namespace {

// What the handshake says itself, and what would give a response another length than it has.
constexpr std::array<std::string_view, 8> kOwnFields = {"Upgrade",
                                                        "Connection",
                                                        "Sec-WebSocket-Accept",
                                                        "Sec-WebSocket-Protocol",
                                                        "Sec-WebSocket-Extensions",
                                                        "Content-Length",
                                                        "Transfer-Encoding",
                                                        "Trailer"};

bool is_own(const http::Field& field) {
  return std::ranges::any_of(kOwnFields, [&](std::string_view name) {
    return http::equal_ignoring_case(field.name, name);
  });
}

// "304 (Not Modified)" is the one of them that has no body.
bool may_reject_with(int status) {
  return status >= 300 && status <= 599 && status != 304;
}

}  // namespace

PendingUpgrade::PendingUpgrade(const UpgradeRequest& request)
    : accept_(accept_key(request.key)),
      subprotocols_(request.fields.joined("Sec-WebSocket-Protocol")),
      extensions_(request.fields.joined("Sec-WebSocket-Extensions")) {}

bool PendingUpgrade::offers(std::string_view subprotocol) const {
  return http::is_token(subprotocol) &&
         !choose_subprotocol(subprotocols_, {&subprotocol, 1}).empty();
}

std::optional<PendingUpgrade::Accepted> PendingUpgrade::accept(const Acceptance& acceptance,
                                                               Buffer& output) const {
  if (!acceptance.subprotocol.empty() && !offers(acceptance.subprotocol)) return std::nullopt;
  if (std::ranges::any_of(acceptance.fields, is_own)) return std::nullopt;

  std::vector<http::Field> fields = {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept_}};
  if (!acceptance.subprotocol.empty()) {
    fields.push_back({"Sec-WebSocket-Protocol", acceptance.subprotocol});
  }
  Accepted accepted;
  std::optional<DeflateAgreement> agreement;
  if (acceptance.deflate != nullptr) {
    agreement = choose_deflate(extensions_, acceptance.deflate->wanted());
  }
  if (agreement) {
    accepted.deflate =
        make_message_deflate(Role::kServer, agreement->parameters, *acceptance.deflate);
  }
  if (accepted.deflate) fields.push_back({"Sec-WebSocket-Extensions", agreement->field_value});
  fields.insert(fields.end(), acceptance.fields.begin(), acceptance.fields.end());
  if (!http::append_head(output, 101, fields)) return std::nullopt;
  return accepted;
}

bool PendingUpgrade::reject(const Rejection& rejection, Buffer& output) {
  if (!may_reject_with(rejection.status)) return false;
  if (std::ranges::any_of(rejection.fields, is_own)) return false;
  std::vector<http::Field> fields(rejection.fields.begin(), rejection.fields.end());
  fields.push_back({"Connection", "close"});
  return http::append_response(output, rejection.status, fields, rejection.body);
}

}  // namespace heliograph::ws
