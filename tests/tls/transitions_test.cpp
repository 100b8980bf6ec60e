#include "tls/transitions.hpp"

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::Octets;

// Goes where its handler is told to.
struct Machine {
  enum class State : std::uint8_t { kStart, kMiddle, kConnected, kNothingExpected };
  using Handler = Result<State, Error> (Machine::*)(const HandshakeMessage&);

  Result<State, Error> handle(const HandshakeMessage& /*message*/) {
    state_while_handling = state;
    return result;
  }

  State state = State::kStart;
  State state_while_handling = State::kStart;
  Result<State, Error> result = State::kMiddle;
};

using State = Machine::State;

constexpr Transitions<Machine, 2> kTable = {
    {{State::kStart, HandshakeType::kClientHello, 10, &Machine::handle, {State::kMiddle}},
     {State::kMiddle,
      HandshakeType::kFinished,
      20,
      &Machine::handle,
      {State::kConnected, State::kMiddle}}}};

Result<void, Error> take(Machine& machine, HandshakeType type) {
  const Octets encoded = {static_cast<std::uint8_t>(type), 0, 0, 0};
  return take_transition(kTable, machine, machine.state, {type, encoded});
}

TEST(Transitions, LeadFromStateToState) {
  Machine machine;
  EXPECT_TRUE(take(machine, HandshakeType::kClientHello));
  EXPECT_EQ(machine.state, State::kMiddle);
  machine.result = State::kConnected;
  EXPECT_TRUE(take(machine, HandshakeType::kFinished));
  EXPECT_EQ(machine.state, State::kConnected);
}

TEST(Transitions, ExpectNothingWhileAMessageIsHandled) {
  Machine machine;
  ASSERT_TRUE(take(machine, HandshakeType::kClientHello));
  EXPECT_EQ(machine.state_while_handling, State::kNothingExpected);
}

TEST(Transitions, RefuseWhatIsNotInTheTable) {
  Machine machine;
  EXPECT_EQ(take(machine, HandshakeType::kFinished).error(), Error::kUnexpectedMessage);
  EXPECT_EQ(machine.state, State::kStart);
}

TEST(Transitions, FailClosedWithTheirHandler) {
  Machine machine;
  machine.result = fail(Error::kBadSignature);
  EXPECT_EQ(take(machine, HandshakeType::kClientHello).error(), Error::kBadSignature);
  EXPECT_EQ(machine.state, State::kNothingExpected);
  EXPECT_EQ(take(machine, HandshakeType::kClientHello).error(), Error::kUnexpectedMessage);
}

TEST(Transitions, FailClosedWhereTheHandlerLeadsSomewhereElse) {
  Machine machine;
  machine.result = State::kConnected;
  EXPECT_EQ(take(machine, HandshakeType::kClientHello).error(), Error::kInternal);
  EXPECT_EQ(machine.state, State::kNothingExpected);
}

TEST(Transitions, LimitEachMessage) {
  EXPECT_EQ(max_body(kTable, State::kStart, HandshakeType::kClientHello), 10U);
  EXPECT_EQ(max_body(kTable, State::kMiddle, HandshakeType::kFinished), 20U);
  EXPECT_EQ(max_body(kTable, State::kMiddle, HandshakeType::kClientHello), std::nullopt);
  EXPECT_EQ(max_body(kTable, State::kConnected, HandshakeType::kFinished), std::nullopt);
}

TEST(Transitions, HaveNoDeadEnds) {
  EXPECT_TRUE(has_no_dead_ends(kTable));
  constexpr Transitions<Machine, 1> kDeadEnd = {
      {{State::kStart, HandshakeType::kClientHello, 10, &Machine::handle, {State::kMiddle}}}};
  EXPECT_FALSE(has_no_dead_ends(kDeadEnd));
  constexpr Transitions<Machine, 1> kNowhere = {
      {{State::kStart, HandshakeType::kClientHello, 10, &Machine::handle, {}}}};
  EXPECT_FALSE(has_no_dead_ends(kNowhere));
}

}  // namespace
}  // namespace heliograph::tls
