// What a whole stream of frames means, read naively: every byte is there at once, everything is
// copied, nothing is fast. The machine must say the same, however the stream is cut.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/ws/naive_utf8.hpp"
#include "ws/close.hpp"
#include "ws/connection.hpp"
#include "ws/error.hpp"

namespace heliograph::ws::reference {

struct Transcript {
  std::vector<std::string> events;  // "text:…", "binary:…", "pong:…", "close:1000:…"
  std::vector<std::string> pongs;   // payloads that were sent back
  std::vector<std::string> closes;  // payloads of close frames that were sent
  std::optional<Error> error;

  friend bool operator==(const Transcript&, const Transcript&) = default;
};

class Reader {
 public:
  Reader(Role role, const Limits& limits) : role_(role), limits_(limits) {}

  Transcript read(std::string_view stream) {
    while (!stream.empty() && !done_ && read_frame(stream)) {
    }
    return transcript_;
  }

 private:
  bool refuse(Error error) {
    transcript_.error = error;
    const auto code = static_cast<std::uint16_t>(close_code_for(error));
    send_close(std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} +
               std::string(describe(error)));
    return false;
  }

  void send_close(const std::string& payload) {
    transcript_.closes.push_back(payload);
    done_ = true;
  }

  // False: the stream ends within the frame, or is refused.
  bool read_frame(std::string_view& stream) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(stream[i]); };
    const unsigned opcode = byte(0) & 15;
    const bool final = byte(0) >= 0x80;
    const bool control = opcode >= 8;
    if ((byte(0) & 0x70) != 0) return refuse(Error::kReservedBit);
    if ((opcode > 2 && opcode < 8) || opcode > 10) return refuse(Error::kReservedOpcode);
    if (control && !final) return refuse(Error::kFragmentedControlFrame);
    if (opcode == 0 && !message_opcode_) return refuse(Error::kUnexpectedContinuation);
    if (!control && opcode != 0 && message_opcode_) return refuse(Error::kExpectedContinuation);

    if (stream.size() < 2) return false;
    const bool masked = byte(1) >= 0x80;
    if (role_ == Role::kServer && !masked) return refuse(Error::kMissingMask);
    if (role_ == Role::kClient && masked) return refuse(Error::kForbiddenMask);
    std::uint64_t length = byte(1) & 127;
    if (control && length > 125) return refuse(Error::kControlFrameTooLong);

    std::size_t at = 2;
    if (const std::uint64_t form = length; form >= 126) {
      at = form == 126 ? 4 : 10;
      if (stream.size() < at) return false;
      length = 0;
      for (std::size_t i = 2; i < at; ++i) length = length * 256 + byte(i);
      if (length < (form == 126 ? 126U : 65536U)) return refuse(Error::kLengthNotMinimal);
      if (length >> 63 != 0) return refuse(Error::kLengthOutOfRange);
    }
    const std::string_view key = stream.substr(at, masked ? 4 : 0);
    if (masked && key.size() < 4) return false;
    at += key.size();
    if (!control && ++frames_ > limits_.max_frames_per_message)
      return refuse(Error::kTooManyFrames);
    if (!control && length > limits_.max_message - message_.size()) {
      return refuse(Error::kMessageTooBig);
    }
    std::string payload(stream.substr(at, length));
    for (std::size_t i = 0; masked && i < payload.size(); ++i) {
      payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
    }
    const bool whole = payload.size() == length;
    stream.remove_prefix(at + payload.size());
    return control ? whole && read_control(opcode, payload)
                   : read_data(opcode, payload, whole, final);
  }

  bool read_data(unsigned opcode, const std::string& payload, bool whole, bool final) {
    if (opcode != 0) message_opcode_ = opcode;
    message_ += payload;
    const bool complete = whole && final;
    if (message_opcode_ == 1 && !is_text(message_, complete)) return refuse(Error::kInvalidUtf8);
    if (!complete) return whole;
    transcript_.events.push_back((message_opcode_ == 1 ? "text:" : "binary:") + message_);
    message_.clear();
    message_opcode_.reset();
    frames_ = 0;
    return true;
  }

  bool read_control(unsigned opcode, const std::string& payload) {
    if (opcode == 9) transcript_.pongs.push_back(payload);
    if (opcode == 10) transcript_.events.push_back("pong:" + payload);
    if (opcode != 8) return true;
    if (payload.size() == 1) return refuse(Error::kTruncatedCloseCode);
    if (payload.empty()) {
      transcript_.events.emplace_back("close:1005:");
      send_close("");
      return true;
    }
    const int code =
        static_cast<std::uint8_t>(payload[0]) * 256 + static_cast<std::uint8_t>(payload[1]);
    if (!is_wire_close_code(static_cast<std::uint16_t>(code))) {
      return refuse(Error::kInvalidCloseCode);
    }
    if (!is_text(payload.substr(2), true)) return refuse(Error::kInvalidCloseReason);
    transcript_.events.push_back("close:" + std::to_string(code) + ":" + payload.substr(2));
    send_close(payload.substr(0, 2));
    return true;
  }

  Role role_;
  Limits limits_;
  Transcript transcript_;
  std::string message_;
  std::optional<unsigned> message_opcode_;
  std::uint32_t frames_ = 0;
  bool done_ = false;
};

}  // namespace heliograph::ws::reference
