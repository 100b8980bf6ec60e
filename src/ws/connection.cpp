#include "ws/connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace heliograph::ws {
namespace {

// Shorter messages hardly become shorter.
constexpr std::size_t kMinCompressedMessage = 64;
// deflate stores what it cannot compress in blocks with five bytes of header each.
constexpr std::uint64_t kDeflateOverhead = 256;

}  // namespace

Connection::Connection(Role role, const Limits& limits, std::unique_ptr<MessageDeflate> deflate,
                       Delivery delivery)
    : deflate_(std::move(deflate)),
      mask_keys_(role == Role::kClient ? std::make_unique<MaskKeys>() : nullptr),
      limits_(&limits),
      role_(role),
      streams_(delivery == Delivery::kStream) {}

Result<Event, Error> Connection::receive(MutableBytes& input, Buffer& output) {
  if (tail_shown_) drop_tail();
  release();
  // The one object that every path returns, so that the caller has it where it was made.
  Result<Event, Error> result;
  while (!input.empty() && !discarding_) {
    const Step step = receive_frame(input, output, *result);
    if (!step) {
      refuse(step.error(), input, output);
      result = fail(step.error());
      return result;
    }
    if (*step) return result;
  }
  input = {};
  return result;
}

bool Connection::receive_eof() {
  discarding_ = true;
  release();
  return close_received_;
}

FrameHeader Connection::message_header(Opcode opcode, std::uint64_t size) {
  return make_frame_header(opcode, {}, size);
}

void Connection::send(Opcode opcode, Bytes data, Buffer& output) {
  if (close_sent_) return;
  if (!deflate_ || data.size() < kMinCompressedMessage) {
    append_frame(opcode, {}, data, output);
    return;
  }
  Buffer compressed;
  const bool shorter = deflate_->compress({&data, 1}, compressed);
  append_frame(opcode, {.compressed = shorter}, shorter ? compressed.bytes() : data, output);
}

void Connection::send_fragment(Opcode opcode, Bytes data, bool final, Buffer& output) {
  if (close_sent_) return;
  append_frame(sending_ ? Opcode::kContinuation : opcode, {.final = final}, data, output);
  sending_ = !final;
}

void Connection::send(const PreparedMessage& message, Buffer& output) {
  if (close_sent_) return;
  output.append(message.frame(deflate_ && deflate_->sends_alone()));
}

void Connection::hold_pongs() {
  if (!held_pong_ && !discarding_) held_pong_ = std::make_unique<HeldPong>();
}

void Connection::release_pong(Buffer& output) {
  const std::unique_ptr<HeldPong> pong = std::move(held_pong_);
  if (!pong || !pong->size || close_sent_) return;
  append_frame(Opcode::kPong, {}, Bytes(pong->payload).first(*pong->size), output);
}

void Connection::ping(Bytes data, Buffer& output) {
  if (!close_sent_) {
    append_frame(Opcode::kPing, {}, data.first(std::min(data.size(), kMaxControlPayload)), output);
  }
}

void Connection::close(CloseCode code, std::string_view reason, Buffer& output) {
  if (close_sent_) return;
  std::array<std::uint8_t, kMaxClosePayload> storage{};
  append_frame(Opcode::kClose, {}, write_close(code, reason, storage), output);
  close_sent_ = true;
}

void Connection::release() {
  if (!discarding_) return;
  spill_.reset();
  deflate_.reset();
  held_pong_.reset();
  // A client may still send behind the end of the peer's stream.
  if (close_sent_) mask_keys_.reset();
}

// As much of one frame as `input` holds.
Connection::Step Connection::receive_frame(MutableBytes& input, Buffer& output, Event& event) {
  if (!in_frame_) {
    const auto head = take_head(input);
    if (!head) return fail(head.error());
    if (!*head) return false;
    if (const auto error = begin_frame(**head)) return fail(*error);
  }
  return is_control(frame_opcode_) ? receive_control(input, output, event)
                                   : receive_data(input, event);
}

// A header that was cut in two is put together again from the tail and the front of `input`.
Result<std::optional<FrameHead>, Error> Connection::take_head(MutableBytes& input) {
  const MutableBytes kept = tail();
  std::array<std::uint8_t, kMaxHeaderSize> joined{};
  Bytes front = input;
  if (!kept.empty()) {
    const std::size_t fresh = std::min(input.size(), joined.size() - kept.size());
    std::ranges::copy(input.first(fresh), std::ranges::copy(kept, joined.begin()).out);
    front = Bytes(joined).first(kept.size() + fresh);
  }
  const auto head = parse_frame_head(front, {role_, in_message_, deflate_ != nullptr});
  if (!head) return head;
  if (!*head) {
    keep(take_front(input, front.size() - kept.size()));
    return head;
  }
  take_front(input, (*head)->size - kept.size());
  if (!kept.empty()) drop_tail();
  return head;
}

std::optional<Error> Connection::begin_frame(const FrameHead& head) {
  if (!is_control(head.opcode)) {
    if (head.opcode != Opcode::kContinuation) {
      message_opcode_ = head.opcode;
      compressed_ = head.compressed;
    }
    if (message_frames_ >= limits_->max_frames_per_message) return Error::kTooManyFrames;
    ++message_frames_;
    if (head.length > max_payload(compressed_) - message_size_) return Error::kMessageTooBig;
    in_message_ = !head.final;
  }
  in_frame_ = true;
  frame_opcode_ = head.opcode;
  frame_final_ = head.final;
  frame_missing_ = static_cast<std::uint32_t>(head.length);
  mask_ = head.mask;
  return std::nullopt;
}

// What is compressed may be a little longer than what comes out of it.
std::uint64_t Connection::max_payload(bool compressed) const {
  const std::uint64_t limit = limits_->max_message;
  if (!compressed) return limit;
  return std::min<std::uint64_t>(limit + limit / kDeflateOverhead + kDeflateOverhead, UINT32_MAX);
}

// What `input` has of the current frame's payload, unmasked.
MutableBytes Connection::take_payload(MutableBytes& input) {
  const MutableBytes piece = take_front(input, std::min<std::size_t>(frame_missing_, input.size()));
  frame_missing_ -= static_cast<std::uint32_t>(piece.size());
  in_frame_ = frame_missing_ > 0;
  if (role_ == Role::kServer) mask_ = apply_mask(piece, mask_);
  return piece;
}

Connection::Step Connection::receive_data(MutableBytes& input, Event& event) {
  const MutableBytes piece = take_payload(input);
  const bool complete = !in_frame_ && frame_final_;
  const bool is_text = message_opcode_ == Opcode::kText && !compressed_;
  if (is_text && !utf8_.receive(piece)) return fail(Error::kInvalidUtf8);
  if (streams_ && !compressed_) return deliver_part(piece, complete, event);
  if (complete && message_size_ == 0) return finish_message(piece, event);
  keep(piece);
  message_size_ += static_cast<std::uint32_t>(piece.size());
  if (complete) return finish_message({}, event);
  return false;
}

Connection::Step Connection::deliver_part(MutableBytes piece, bool complete, Event& event) {
  if (complete && !utf8_.complete()) return fail(Error::kInvalidUtf8);
  message_size_ = complete ? 0 : message_size_ + static_cast<std::uint32_t>(piece.size());
  if (complete) message_frames_ = 0;
  if (close_sent_ || (piece.empty() && !complete)) return false;
  event = {.kind = Event::Kind::kPart, .opcode = message_opcode_, .data = piece, .last = complete};
  return true;
}

// The message is in the spill, or `unspilled` if nothing of it is there.
Connection::Step Connection::finish_message(MutableBytes unspilled, Event& event) {
  if (compressed_) return finish_compressed(unspilled, event);
  if (!utf8_.complete()) return fail(Error::kInvalidUtf8);
  tail_shown_ = message_size_ > 0;
  message_size_ = 0;
  message_frames_ = 0;
  if (close_sent_) {
    drop_tail();
    return false;
  }
  const MutableBytes data = tail_shown_ ? tail() : unspilled;
  event = {.kind = Event::Kind::kMessage, .opcode = message_opcode_, .data = data};
  return true;
}

Connection::Step Connection::finish_compressed(MutableBytes unspilled, Event& event) {
  const Bytes whole = message_size_ > 0 ? spill_->mutable_bytes().first(message_size_) : unspilled;
  std::unique_ptr<Buffer> plain;
  // After our close frame the message is dropped, and so is every later one that refers to it.
  if (!close_sent_) {
    plain = std::make_unique<Buffer>();
    if (auto done = deflate_->decompress(whole, limits_->max_message, *plain); !done) {
      return fail(done.error());
    }
    if (message_opcode_ == Opcode::kText && !is_utf8(plain->bytes())) {
      return fail(Error::kInvalidUtf8);
    }
  }
  spill_ = std::move(plain);
  message_size_ = 0;
  message_frames_ = 0;
  compressed_ = false;
  if (close_sent_) return false;
  tail_shown_ = true;
  event = {.kind = streams_ ? Event::Kind::kPart : Event::Kind::kMessage,
           .opcode = message_opcode_,
           .data = tail()};
  return true;
}

Connection::Step Connection::receive_control(MutableBytes& input, Buffer& output, Event& event) {
  const MutableBytes piece = take_payload(input);
  if (in_frame_ || !tail().empty()) keep(piece);
  if (in_frame_) return false;
  const MutableBytes payload = tail().empty() ? piece : tail();
  if (frame_opcode_ == Opcode::kClose) return receive_close(payload, output, event);
  if (frame_opcode_ == Opcode::kPong) return receive_pong(payload, event);
  answer_ping(payload, output);
  drop_tail();
  return false;
}

void Connection::answer_ping(Bytes payload, Buffer& output) {
  if (close_sent_) return;
  if (held_pong_) {
    std::ranges::copy(payload, held_pong_->payload.begin());
    held_pong_->size = static_cast<std::uint8_t>(payload.size());
    return;
  }
  append_frame(Opcode::kPong, {}, payload, output);
}

Connection::Step Connection::receive_pong(MutableBytes payload, Event& event) {
  if (close_sent_) {
    drop_tail();
    return false;
  }
  tail_shown_ = !tail().empty();
  event = {.kind = Event::Kind::kPong, .data = payload};
  return true;
}

Connection::Step Connection::receive_close(MutableBytes payload, Buffer& output, Event& event) {
  const auto parsed = parse_close(payload);
  if (!parsed) return fail(parsed.error());
  close(parsed->code, {}, output);
  close_received_ = true;
  discarding_ = true;
  tail_shown_ = !tail().empty();
  event = {.kind = Event::Kind::kClose,
           .code = parsed->code,
           .data = payload.last(parsed->reason.size())};
  return true;
}

void Connection::refuse(Error error, MutableBytes& input, Buffer& output) {
  close(close_code_for(error), describe(error), output);
  discarding_ = true;
  release();
  input = {};
}

void Connection::append_frame(Opcode opcode, FrameFlags flags, Bytes payload, Buffer& output) {
  std::optional<MaskKey> mask;
  if (mask_keys_) mask = mask_keys_->next();
  output.append(make_frame_header(opcode, flags, payload.size(), mask).view());
  output.append(payload);
  if (mask) apply_mask(output.mutable_bytes().last(payload.size()), *mask);
}

void Connection::keep(Bytes bytes) {
  if (bytes.empty()) return;
  if (!spill_) spill_ = std::make_unique<Buffer>();
  spill_->append(bytes);
}

std::size_t Connection::kept_message_size() const {
  return streams_ && !compressed_ ? 0 : message_size_;
}

MutableBytes Connection::tail() const {
  return spill_ ? spill_->mutable_bytes().subspan(kept_message_size()) : MutableBytes{};
}

void Connection::drop_tail() {
  tail_shown_ = false;
  if (!spill_) return;
  spill_->truncate(kept_message_size());
  if (spill_->empty()) spill_.reset();
}

}  // namespace heliograph::ws
