// The dialect of the Node.js tutorial's server. JSON in; out, byte for byte:
//
//   greeting          Hello from server
//   not authenticated {"type":"error","message":"You are not authenticated"}
//   logged in         {"type":"login","success":true}
//   login refused     {"type":"login","success":false}
//   offer             {"type":"offer","offer":<body>,"name":"<caller>"}
//   answer            {"type":"answer","answer":<body>}
//   candidate         {"type":"candidate","candidate":<body>}
//   leave             {"type":"leave"}
//   unknown command   {"type":"error","message":"Command no found: <type>"}
//
// What only other dialects have is not said at all, but that who is refused as busy hears a leave.
// A body that is absent leaves its member out. What is no JSON object counts as `{}`.
#pragma once

#include "signal/dialect.hpp"

namespace heliograph::signal {

class TutorialDialect final : public Dialect {
 public:
  TutorialDialect() : Dialect({.greets = true, .has_call_ids = false, .can_resume = false}) {}

  Command read(Bytes message, Effects& effects) override;
  void write(const Event& event, Effects& effects) override;
};

}  // namespace heliograph::signal
