// The dialect of the WebSocket subprotocol `heliograph.v1`.
#pragma once

#include "signal/dialect.hpp"
#include "signal/json.hpp"

namespace heliograph::signal {

class HeliographDialect final : public Dialect {
 public:
  static constexpr std::string_view kSubprotocol = "heliograph.v1";

  HeliographDialect() : Dialect({.greets = false, .has_call_ids = true, .can_resume = true}) {}

  Command read(Bytes message, Effects& effects) override;
  void write(const Event& event, Effects& effects) override;

 private:
  JsonReader reader_;
};

}  // namespace heliograph::signal
