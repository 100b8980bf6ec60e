// The transitions of a handshake as data: what may come in which state, how long it may be, who
// handles it, and where that may lead. Both roles declare theirs as a table of this shape.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/result.hpp"
#include "tls/error.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {

// `Machine` names its State, which begins with kStart and has kConnected and kNothingExpected, and
// its Handler, a member function from a message to the next State.
template <class Machine>
struct Transition {
  static constexpr std::size_t kMaxSuccessors = 4;

  typename Machine::State from;
  HandshakeType message;
  std::size_t max_body;
  typename Machine::Handler handler;
  // Where the handler may lead. Nothing leads back to kStart, which fills the rest.
  std::array<typename Machine::State, kMaxSuccessors> successors;
};

template <class Machine, std::size_t size>
using Transitions = std::array<Transition<Machine>, size>;

template <class Machine, std::size_t size>
constexpr const Transition<Machine>* find_transition(const Transitions<Machine, size>& table,
                                                     typename Machine::State from,
                                                     HandshakeType message) {
  for (const Transition<Machine>& transition : table) {
    if (transition.from == from && transition.message == message) return &transition;
  }
  return nullptr;
}

// The longest body that a message of this type may have now; nothing if it may not come.
template <class Machine, std::size_t size>
std::optional<std::size_t> max_body(const Transitions<Machine, size>& table,
                                    typename Machine::State state, HandshakeType message) {
  const Transition<Machine>* transition = find_transition(table, state, message);
  if (transition == nullptr) return std::nullopt;
  return transition->max_body;
}

// While a message is handled the state is kNothingExpected: a handler that forgets to say what is
// expected next has said that nothing is.
template <class Machine, std::size_t size, class... Arguments>
Result<void, Error> take_transition(const Transitions<Machine, size>& table, Machine& machine,
                                    typename Machine::State& state, const HandshakeMessage& message,
                                    Arguments&&... arguments) {
  const Transition<Machine>* transition = find_transition(table, state, message.type);
  if (transition == nullptr) return fail(Error::kUnexpectedMessage);
  state = Machine::State::kNothingExpected;
  const auto next = (machine.*transition->handler)(message, std::forward<Arguments>(arguments)...);
  if (!next) return fail(next.error());
  const auto& successors = transition->successors;
  if (*next == Machine::State::kStart || std::ranges::find(successors, *next) == successors.end()) {
    return fail(Error::kInternal);
  }
  state = *next;
  return {};
}

// Every successor is the end or the start of another transition.
template <class Machine, std::size_t size>
constexpr bool has_no_dead_ends(const Transitions<Machine, size>& table) {
  const auto leads_on = [&table](typename Machine::State state) {
    return state == Machine::State::kStart || state == Machine::State::kConnected ||
           std::ranges::any_of(
               table, [state](const Transition<Machine>& other) { return other.from == state; });
  };
  return std::ranges::all_of(table, [&](const Transition<Machine>& transition) {
    return transition.successors.front() != Machine::State::kStart &&
           std::ranges::all_of(transition.successors, leads_on);
  });
}

}  // namespace heliograph::tls
