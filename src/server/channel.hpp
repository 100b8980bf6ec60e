// The stack of machines of one client, without I/O: TLS if there is any, then HTTP, then WebSocket.
//
//   wire ──▶ tls ──▶ http head ──▶ upgrade? ──▶ ws ──▶ messages
//   wire ◀── tls ◀── response ◀─── answered     ws ◀── messages, pings, closes
//
//      ┌───────────┐ handshake ┌──────┐ upgrade? ┌──────────┐ 101 ┌──────┐
//   ──▶│kHandshake ├──────────▶│kHttp ├─────────▶│kDeciding ├────▶│kOpen │
//      └─────┬─────┘           └──┬───┘          └────┬─────┘     └──┬───┘ close ┌─────────┐
//            │                    │                   │              ├──────────▶│kClosing │
//            ▼                    ▼                   ▼              ▼           └────┬────┘
//          kFinished ◀── last response, refusal, error, end of input, close of both ──┘
//
// What is said in one turn of the owner's waits as plaintext, and leaves in as few records as hold
// it when the turn ends: flush(). If TLS fails in that turn, the alert leaves alone.
//
// Without TLS it begins in kHttp. While it is kDeciding whether the client may open a WebSocket,
// which the owner says, nothing is read. In kFinished nothing more will be written: the owner
// flushes, shuts its side of the socket down, and discards what still comes until the peer has
// closed too, or for kCloseWait.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "http/parser.hpp"
#include "server/buffer_pool.hpp"
#include "server/metrics.hpp"
#include "server/options.hpp"
#include "tls/server.hpp"
#include "ws/connection.hpp"
#include "ws/deflate.hpp"
#include "ws/handshake.hpp"
#include "ws/heartbeat.hpp"
#include "ws/pending_upgrade.hpp"

namespace heliograph::server {

// For the TLS handshake, not renewed by bytes: a peer that sends one byte a second must not keep a
// place.
inline constexpr Milliseconds kHandshakeDeadline = 10'000;
// For a request head, from the end of the handshake or the last response, for the same reason; and
// for the owner's decision about it.
inline constexpr Milliseconds kHeadDeadline = 5'000;
// Responses that wait for the client to read them. Requests can be much shorter than the pages that
// they ask for: a client that sends many and reads nothing must not fill the memory.
inline constexpr std::size_t kMaxWaitingResponses = std::size_t{64} * 1024;
// For the peer's half of a close: its close frame, then the end of its input.
inline constexpr Milliseconds kCloseWait = 5'000;

// What the channels of one loop share; outlives them.
struct ChannelContext {
  ChannelContext(const ChannelOptions& shared_options,
                 std::shared_ptr<const tls::ServerConfig> tls_config)
      : options(std::make_shared<const ChannelOptions>(shared_options)),
        tls(std::move(tls_config)) {}

  std::shared_ptr<const ChannelOptions> options;  // of WebSockets that are opened from now on
  std::shared_ptr<const tls::ServerConfig> tls;   // of channels that begin from now on; null: none
  ws::DeflatePool deflate;
  // What kUpgrade shows, until the next call to the channel that said so.
  ws::UpgradeRequest upgrade;
  BufferPool buffers;
  // The pieces of a message that must lie in one. Empty between calls; here, so that a message
  // costs no allocation.
  Buffer gathered;
  Metrics metrics;
};

class Channel {
 public:
  struct Event {
    enum class Kind : std::uint8_t {
      kNeedMore,  // the input is used up
      kUpgrade,   // accept() or reject() what the client asks for in `upgrade`, now or later
      kMessage,   // `data`: a whole message of `opcode`
      kPong,      // a ping of ours was answered after `round_trip`
      kFinished,  // once: how it ended is in `reason`
    };
    Kind kind = Kind::kNeedMore;
    ws::Opcode opcode = ws::Opcode::kText;
    MutableBytes data = {};                       // valid until the next call
    const ws::UpgradeRequest* upgrade = nullptr;  // likewise, also accept() and reject()
    Milliseconds round_trip = 0;
    std::string_view reason = {};  // for the log; static text
    // kFinished: of the close frame, and whether it is ours; else the client's, or nobody's.
    ws::CloseCode close_code = ws::CloseCode::kAbnormal;
    bool by_server = false;
  };

  // `wall_clock`: milliseconds since 1970.
  Channel(ChannelContext& context, Milliseconds now, std::int64_t wall_clock);

  // Bytes came from the client, and lie in `input`. Call until kNeedMore or kFinished; `input` must
  // stay where it is until then.
  Event receive(MutableBytes& input, Buffer& output, Milliseconds now);
  // The client sent its last byte.
  Event receive_eof(Buffer& output);
  // The client gave a sign of life: sent bytes, or took some that had waited for it.
  void heard(Milliseconds now) { heartbeat_.heard(now); }

  // The owner wants to go on with `input` another time: keeps what is left of it, until receive()
  // has taken it from kept_input(). New bytes must not be received meanwhile.
  void keep(MutableBytes input);
  [[nodiscard]] bool keeps_input() const { return kept_ != nullptr; }
  [[nodiscard]] MutableBytes kept_input() const { return kept_->input; }

  // What kUpgrade asked for. False, and nothing done, if there is nothing to decide, or the answer
  // cannot be given: the client did not offer `subprotocol`, or a field or status cannot stand
  // there. Behind an acceptance the WebSocket is open, behind a rejection the connection closes.
  [[nodiscard]] bool deciding() const { return state_ == State::kDeciding; }
  [[nodiscard]] bool accept(std::string_view subprotocol, std::span<const http::Field> fields,
                            Buffer& output, Milliseconds now);
  [[nodiscard]] bool reject(const ws::Rejection& rejection, Buffer& output);

  // The client does not read what waits for it: its pings are not answered until release_pong(),
  // which answers the newest.
  void hold_pongs();
  void release_pong(Buffer& output);

  // Brings to `output` what was said since the last time. What the verbs have put there themselves
  // may not leave without it.
  void flush(Buffer& output);
  // The client can no longer be reached: what flush() would bring is not needed.
  void discard() { unsealed_.release(); }
  // How much flush() has to bring, before it is sealed.
  [[nodiscard]] std::size_t unsealed() const { return unsealed_.size(); }
  // Bytes of the client that are kept, since their message or record is not complete, or the owner
  // wants to go on with them another time.
  [[nodiscard]] std::size_t held() const {
    return (tls_ ? tls_->held() : 0) + ws_.held() + (kept_ ? kept_->bytes.size() : 0);
  }

  // One message, given in pieces. Nothing is sent unless open().
  void send(ws::Opcode opcode, std::span<const Bytes> pieces, Buffer& output);
  // Starts to close an open WebSocket; ends at once what is not open yet.
  Event close(ws::CloseCode code, std::string_view reason, Buffer& output, Milliseconds now);

  // The client is silent: gives back the memory of the ciphers, see tls::Connection.
  void release_ciphers() {
    if (tls_) tls_->release_ciphers();
  }

  // TLS is being agreed on: what comes now may cost much.
  [[nodiscard]] bool handshaking() const { return state_ == State::kHandshake; }
  // Who the client is by its certificate; null if it has none, or the handshake is not over.
  [[nodiscard]] const tls::Peer* certificate() const {
    return tls_ && tls_->established() ? tls_->negotiated().peer.get() : nullptr;
  }

  [[nodiscard]] bool open() const { return state_ == State::kOpen; }
  // The end has begun: no message comes or goes any more.
  [[nodiscard]] bool ending() const { return state_ >= State::kClosing; }
  [[nodiscard]] bool finished() const { return state_ == State::kFinished; }

  // When on_timer() should be called: a deadline of the opening or the close, or the next ping.
  [[nodiscard]] Milliseconds deadline() const;
  // kFinished if the client's time is up.
  Event on_timer(Buffer& output, Milliseconds now);

 private:
  enum class State : std::uint8_t { kHandshake, kHttp, kDeciding, kOpen, kClosing, kFinished };

  struct Kept {
    Buffer bytes;
    MutableBytes input;  // behind the plaintext, if that is here too
  };

  Event receive_next(MutableBytes& input, Buffer& output, Milliseconds now);
  Event receive_tls(MutableBytes& input, Buffer& output, Milliseconds now);
  Event on_plaintext(Buffer& output, Milliseconds now);
  Event on_request_bytes(Buffer& output, Milliseconds now);
  Event on_request(const http::RequestHead& request, Buffer& output, Milliseconds now);
  Event ask(const http::RequestHead& request, Buffer& output, Milliseconds now);
  Event on_frame_bytes(Buffer& output, Milliseconds now);
  Event finish(std::string_view reason, Buffer& output);
  Bytes join(std::span<const Bytes> pieces);

  // Where plaintext is written to.
  [[nodiscard]] Buffer& plain(Buffer& output);

  ChannelContext* context_;
  std::shared_ptr<const ChannelOptions> options_;  // which the WebSocket keeps to
  std::optional<tls::ServerConnection> tls_;
  ws::Connection ws_;
  std::unique_ptr<http::RequestParser> http_;    // until the upgrade
  std::unique_ptr<ws::PendingUpgrade> upgrade_;  // while the owner decides
  std::unique_ptr<Kept> kept_;                   // while the owner is busy with others
  MutableBytes plaintext_;                       // what is left of the record being read
  Buffer unsealed_;                              // what flush() gives to TLS
  ws::Heartbeat heartbeat_;                      // while it is open
  Milliseconds deadline_;                        // of the opening, or of the close
  State state_;
};

// What an idle client costs, beside what libcrypto keeps of its keys, is mostly this.
static_assert(sizeof(Channel) <= sizeof(tls::ServerConnection) + 224);

}  // namespace heliograph::server
