// The outcome of an operation that a peer can make fail: a value, or one named error.
#pragma once

#include <expected>
#include <utility>

namespace heliograph {

template <class T, class E>
using Result = std::expected<T, E>;

// `return fail(Error::kDecode);` in a function that returns a Result.
template <class E>
constexpr std::unexpected<E> fail(E error) {
  return std::unexpected<E>(std::move(error));
}

}  // namespace heliograph
