// The WebSocket machine (RFC 6455 sections 5 to 8), in both roles: what follows the opening
// handshake on one connection.
//
// Call receive() until it says kNeedMore; it consumes from the front of `input`, and answers pings
// and close frames by appending to `output`. When it returns an error, `output` already ends with
// the close frame that tells the peer: flush it, then close. After an error, or once the peer's
// close frame has arrived, every further byte is discarded.
//
// Memory. A message that lies in one frame and wholly in `input` is unmasked there and handed out
// as a view of it. Any other is assembled in one contiguous spill, which is freed at the call
// after its delivery: an idle connection owns no buffer.
// A connection that expects_tcp_close() holds nothing once the data of its last event has expired.
// With Delivery::kStream nothing is assembled: each piece is handed out as it arrives.
//
// With permessage-deflate a message is kept until it is complete, and inflated then, at most to the
// limit for messages. After our close frame none is inflated: what it says is not wanted.
//
// Growth of `output`. Every ping is answered. A pong of a server is shorter than the ping that it
// answers, and that of a client has 4 bytes more: a call appends at most three times what it takes.
// While the peer does not read, the caller calls hold_pongs(): then one pong waits here, the newest
// ("An endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame",
// section 5.5.3), and receive() appends nothing but a close frame, once in a connection's life. So
// `output` grows by nothing that the caller did not send.
//
// Work of a turn. A call hands out at most one message. What it does is proportional to the bytes
// that it takes from `input`; if they complete a compressed message, also to max_message and to
// kMaxFinalBlocks copies of the window. So a caller that gives each connection one buffer a turn
// bounds the turn; with permessage-deflate, in which few bytes can become max_message of them, it
// also counts the bytes of the events, and leaves the rest of `input` for a later turn when it has
// had enough.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "ws/close.hpp"
#include "ws/deflate.hpp"
#include "ws/error.hpp"
#include "ws/frame.hpp"
#include "ws/mask_keys.hpp"
#include "ws/prepared_message.hpp"
#include "ws/utf8.hpp"

namespace heliograph::ws {

struct Limits {
  // Bytes. Bounds the memory that one connection can make us hold.
  std::uint32_t max_message = 64 * 1024;
  // Bounds the work that a message in tiny or empty frames can cause without ever being complete.
  std::uint32_t max_frames_per_message = 1024;
};

enum class Delivery : std::uint8_t { kWhole, kStream };

struct Event {
  enum class Kind : std::uint8_t {
    kNeedMore,  // the input is used up
    kMessage,   // `opcode` is kText or kBinary, `data` the whole message
    kPart,   // of a message of `opcode`: `data` is its next bytes, `last` says that it is complete
    kPong,   // `data` is what the ping carried, if it answers one of ours
    kClose,  // the peer's close frame, already answered: `code`, and its reason in `data`
  };

  Kind kind = Kind::kNeedMore;
  Opcode opcode = Opcode::kText;
  CloseCode code = CloseCode::kNoStatus;
  MutableBytes data;  // valid until the next call
  bool last = true;
};

class Connection {
 public:
  // `limits` must outlive the connection. `deflate` is null unless permessage-deflate was agreed.
  Connection(Role role, const Limits& limits, std::unique_ptr<MessageDeflate> deflate = nullptr,
             Delivery delivery = Delivery::kWhole);

  Result<Event, Error> receive(MutableBytes& input, Buffer& output);
  // The stream from the peer has ended. True if its close frame had arrived; if not, the outcome
  // is CloseCode::kAbnormal.
  bool receive_eof();

  // The header of a message of `size` bytes, which the caller sends itself, unmasked: for the
  // server only. Not to be used once close_sent().
  [[nodiscard]] static FrameHeader message_header(Opcode opcode, std::uint64_t size);

  // Append one frame each. They append nothing once close_sent(): a close frame is the last one.
  // A text must be UTF-8. `data` must not lie in `output`.
  void send(Opcode opcode, Bytes data, Buffer& output);
  // One frame of a message that is sent in several: `opcode` is that of the message each time, and
  // no other message may begin before the frame that is `final`. Never compressed.
  void send_fragment(Opcode opcode, Bytes data, bool final, Buffer& output);
  // For the server only: what many connections are sent is framed, and compressed, once.
  void send(const PreparedMessage& message, Buffer& output);
  // The peer does not read: `output` is over its high-water mark. Pings are not answered before
  // release_pong(), which answers the newest of them.
  void hold_pongs();
  void release_pong(Buffer& output);
  // At most kMaxControlPayload bytes; more are not sent.
  void ping(Bytes data, Buffer& output);
  // kNoStatus sends an empty close frame. From here on no message or pong is returned.
  void close(CloseCode code, std::string_view reason, Buffer& output);

  // permessage-deflate was agreed on.
  [[nodiscard]] bool compresses() const { return deflate_ != nullptr; }
  // Bytes of the message or frame under way that are kept until the rest of it has come.
  [[nodiscard]] std::size_t held() const { return spill_ ? spill_->size() : 0; }
  [[nodiscard]] bool close_sent() const { return close_sent_; }
  [[nodiscard]] bool close_received() const { return close_received_; }
  // Nothing but the end of TCP is still to come: the close frames were exchanged, or an error
  // returned. A server flushes and closes; a client waits for the server to do so, for a time.
  [[nodiscard]] bool expects_tcp_close() const { return discarding_; }
  // Once expects_tcp_close(): frees everything that is still held, the last event's data too, as
  // the next receive() or receive_eof() would. For an owner that makes no such call.
  void release();

 private:
  // A pong that waits, with the payload of the newest ping; without a size while there was none.
  struct HeldPong {
    std::array<std::uint8_t, kMaxControlPayload> payload;
    std::optional<std::uint8_t> size;
  };
  // Whether the `event` that was passed is one to return. If not, or on an error, it is untouched.
  using Step = Result<bool, Error>;

  Step receive_frame(MutableBytes& input, Buffer& output, Event& event);
  Result<std::optional<FrameHead>, Error> take_head(MutableBytes& input);
  std::optional<Error> begin_frame(const FrameHead& head);
  MutableBytes take_payload(MutableBytes& input);
  Step receive_data(MutableBytes& input, Event& event);
  Step finish_message(MutableBytes unspilled, Event& event);
  Step deliver_part(MutableBytes piece, bool complete, Event& event);
  Step finish_compressed(MutableBytes unspilled, Event& event);
  [[nodiscard]] std::uint64_t max_payload(bool compressed) const;
  Step receive_control(MutableBytes& input, Buffer& output, Event& event);
  void answer_ping(Bytes payload, Buffer& output);
  Step receive_pong(MutableBytes payload, Event& event);
  Step receive_close(MutableBytes payload, Buffer& output, Event& event);
  void refuse(Error error, MutableBytes& input, Buffer& output);
  void append_frame(Opcode opcode, FrameFlags flags, Bytes payload, Buffer& output);

  void keep(Bytes bytes);
  // What of the message under way is in the spill: nothing if its parts were handed out.
  [[nodiscard]] std::size_t kept_message_size() const;
  [[nodiscard]] MutableBytes tail() const;
  void drop_tail();

  // What did not arrive in one piece; absent while there is nothing to keep.
  //   ┌──────────────────────────┬──────────────────────────────────────────────┐
  //   │ kept_message_size() of a │ tail(): a partial header, the payload of a   │
  //   │ message under way        │ control frame, or what the last event showed │
  //   └──────────────────────────┴──────────────────────────────────────────────┘
  std::unique_ptr<Buffer> spill_;
  std::unique_ptr<MessageDeflate> deflate_;
  std::unique_ptr<HeldPong> held_pong_;  // while pongs are held
  std::unique_ptr<MaskKeys> mask_keys_;  // of a client
  const Limits* limits_;
  std::uint32_t message_size_ = 0;
  std::uint32_t message_frames_ = 0;
  std::uint32_t frame_missing_ = 0;  // payload bytes of the current frame still to come
  MaskKey mask_{};                   // turned to the next of them
  Utf8Validator utf8_;
  Opcode message_opcode_ = Opcode::kText;
  Opcode frame_opcode_ = Opcode::kText;
  Role role_;
  bool streams_ : 1;  // hands out pieces, see Delivery
  bool frame_final_ : 1 = false;
  bool compressed_ : 1 = false;  // the message under way
  bool sending_ : 1 = false;     // a fragmented message of ours
  bool in_frame_ : 1 = false;    // between a header and the end of its payload
  bool in_message_ : 1 = false;  // the last data frame was not final
  bool tail_shown_ : 1 = false;  // the last event is a view of tail()
  bool close_sent_ : 1 = false;
  bool close_received_ : 1 = false;
  bool discarding_ : 1 = false;  // after an error or the peer's close frame
};

// One line of the cache: 32 bytes, and four pointers to what is mostly not there.
static_assert(sizeof(Connection) <= 32 + 4 * sizeof(std::unique_ptr<Buffer>));

}  // namespace heliograph::ws
