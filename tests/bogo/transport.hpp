// One blocking TCP connection to the runner.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "net/file_descriptor.hpp"

namespace heliograph::bogo {

class Transport {
 public:
  // Connects over loopback and says which shim is calling. Throws Failure.
  Transport(std::uint16_t port, bool ipv6, std::uint64_t shim_id);
  // Half-closes, then discards what still comes: with input left unread the kernel would send a
  // reset, which overtakes the alert that the runner is waiting for.
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // What has come, valid until the next call; empty at the end of the input.
  MutableBytes receive();
  // Writes the first `count` bytes of `output` and removes them. A peer that is gone is not an
  // error here: reading will tell.
  void send(Buffer& output, std::size_t count);
  void send(Buffer& output) { send(output, output.size()); }

 private:
  static constexpr std::size_t kReceiveSize = std::size_t{16} * 1024;

  net::FileDescriptor socket_;
  std::array<std::uint8_t, kReceiveSize> received_ = {};
};

}  // namespace heliograph::bogo
