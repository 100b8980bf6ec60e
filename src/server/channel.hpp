// The stack of machines of one client, without I/O: TLS, then HTTP, then WebSocket.
//
//   wire ──▶ tls ──▶ http head ──▶ upgrade? ──▶ ws ──▶ messages
//   wire ◀── tls ◀── response ◀─── answered     ws ◀── messages, pings, closes
//
//      ┌───────────┐ handshake ┌──────┐ 101 ┌──────┐ close sent ┌─────────┐ both ┌──────────┐
//   ──▶│kHandshake ├──────────▶│kHttp ├────▶│kOpen ├───────────▶│kClosing ├─────▶│kFinished │
//      └───────────┘           └──┬───┘     └──────┘            └─────────┘      └──────────┘
//                                 └── refused, last response, error, eof ────────────▲
//
// In kFinished nothing more will be written: the owner flushes, shuts its side of the socket down,
// and discards what still comes until the peer has closed too, or for kCloseWait.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "http/parser.hpp"
#include "server/options.hpp"
#include "tls/server.hpp"
#include "ws/connection.hpp"

namespace heliograph::server {

// From the connection's first byte to the end of its request head, not renewed by bytes: a peer
// that sends one byte a second must not keep a place.
inline constexpr Milliseconds kOpeningDeadline = 10'000;
// Responses that wait for the client to read them. Requests can be much shorter than the pages that
// they ask for: a client that sends many and reads nothing must not fill the memory.
inline constexpr std::size_t kMaxWaitingResponses = std::size_t{64} * 1024;
// For the peer's half of a close: its close frame, then the end of its input.
inline constexpr Milliseconds kCloseWait = 5'000;

class Channel {
 public:
  struct Event {
    enum class Kind : std::uint8_t {
      kNeedMore,  // the input is used up
      kOpened,    // the WebSocket is open
      kMessage,   // `data`: a whole message, kReadableTail readable bytes behind it
      kFinished,  // once: how it ended is in `reason`
    };
    Kind kind = Kind::kNeedMore;
    MutableBytes data;        // valid until the next call
    std::string_view reason;  // for the log; static text
  };

  // `options` must outlive the channel.
  // `wall_clock`: milliseconds since 1970.
  Channel(const ChannelOptions& options, std::shared_ptr<const tls::ServerConfig> tls,
          Milliseconds now, std::int64_t wall_clock);

  // Bytes came from the client. Call until kNeedMore or kFinished; `input` must stay where it is
  // until then. `scratch` is empty before and after; it saves an allocation per call.
  Event receive(MutableBytes& input, Buffer& output, Buffer& scratch, Milliseconds now);
  // The client sent its last byte.
  Event receive_eof(Buffer& output);

  // One text message, given in pieces. Nothing is sent unless open().
  void send_text(std::span<const std::string_view> pieces, Buffer& output);
  // Starts to close an open WebSocket; ends at once what is not open yet.
  Event close(ws::CloseCode code, std::string_view reason, Buffer& output, Buffer& scratch,
              Milliseconds now);

  [[nodiscard]] bool open() const { return state_ == State::kOpen; }
  [[nodiscard]] bool finished() const { return state_ == State::kFinished; }

  // When on_timer() should be called: a deadline of the opening or the close, or the next ping.
  [[nodiscard]] Milliseconds deadline() const;
  // kFinished if the client's time is up.
  Event on_timer(Buffer& output, Buffer& scratch, Milliseconds now);

 private:
  enum class State : std::uint8_t { kHandshake, kHttp, kOpen, kClosing, kFinished };

  Event on_plaintext(Buffer& output, Buffer& scratch, Milliseconds now);
  Event on_request_bytes(Buffer& output, Buffer& scratch, Milliseconds now);
  Event on_request(const http::RequestHead& request, Buffer& output, Buffer& scratch,
                   Milliseconds now);
  Event on_frame_bytes(Buffer& output, Buffer& scratch);
  Event finish(std::string_view reason, Buffer& output);
  void seal(Buffer& plaintext, Buffer& output);

  const ChannelOptions* options_;
  tls::ServerConnection tls_;
  ws::Connection ws_;
  std::unique_ptr<http::RequestParser> http_;  // until the upgrade
  MutableBytes plaintext_;                     // what is left of the record being read
  Milliseconds heard_at_;                      // the last byte from the client
  Milliseconds deadline_;                      // of the opening, or of the close
  Milliseconds ping_at_ = kNever;
  State state_ = State::kHandshake;
};

}  // namespace heliograph::server
