// The dialect of the WebSocket subprotocol `heliograph.v1`; docs/protocol/heliograph.v1.md says
// what every message means, and the schemas beside it what it looks like. JSON objects, both ways;
// members that are not known here are ignored, and every message that cannot be read is answered by
// an error with a code.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/time.hpp"
#include "signal/dialect.hpp"
#include "signal/turn.hpp"

namespace heliograph::signal {

// A call's id: letters, digits, '-' and '_'. Both parties' sessions keep it as long as the call.
inline constexpr std::size_t kMaxCallIdSize = 64;
// Names in one subscribe or unsubscribe. A list costs its sender few bytes, and us an entry a name.
inline constexpr std::size_t kMaxNamesInMessage = 128;

class HeliographDialect final : public Dialect {
 public:
  static constexpr std::string_view kSubprotocol = "heliograph.v1";

  // `heartbeat`: how often the server pings.
  explicit HeliographDialect(Milliseconds heartbeat = 25'000);

  // What clients are told to use for ICE from now on; null: nothing.
  void use_ice(std::shared_ptr<const IceServers> ice) { ice_ = std::move(ice); }
  // How often the server pings those who come from now on.
  void use_heartbeat(Milliseconds heartbeat) { heartbeat_ = heartbeat; }
  // Seconds since 1970. Credentials that expire are made for it, so tell it before each turn.
  void tell_time(std::int64_t now) { now_ = now; }

  Command read(Bytes message, Effects& effects) override;
  void write(const Event& event, Effects& effects) override;

 private:
  Reply welcome(const Event& event, Effects& effects) const;
  void append_ice(std::string& json, std::string_view user) const;

  Milliseconds heartbeat_;
  std::shared_ptr<const IceServers> ice_;
  std::int64_t now_ = 0;
};

}  // namespace heliograph::signal
