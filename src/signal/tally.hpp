// What the verbs of sessions have come across, in numbers: for metrics. Each session adds to the
// tally of the Effects that it is given; whoever performs the effects takes it from there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "signal/message.hpp"

namespace heliograph::signal {

inline constexpr std::size_t kCommandKinds = static_cast<std::size_t>(Command::Kind::kUnknown) + 1;
inline constexpr std::size_t kEventKinds =
    static_cast<std::size_t>(Event::Kind::kUnknownCommand) + 1;

struct Tally {
  std::array<std::uint32_t, kCommandKinds> received{};  // by Command::Kind
  std::array<std::uint32_t, kEventKinds> sent{};        // by Event::Kind
  std::uint32_t glares = 0;                             // offers that crossed, and gave way
};

}  // namespace heliograph::signal
