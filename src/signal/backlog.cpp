#include "signal/backlog.hpp"

#include <tuple>

#include "base/reader.hpp"

namespace heliograph::signal {
namespace {

constexpr std::size_t kSizeWidth = 4;

// The message whose size `bytes` begins with.
Bytes first_message(Bytes bytes) {
  Reader reader(bytes);
  return reader.bytes(reader.u32());
}

}  // namespace

void Backlog::begin() {
  messages_.release();
  count_ = 0;
  waiting_at_ = 0;
  begin_ = sent_;
  first_ = sent_;
}

void Backlog::add_sent(const Reply& message) {
  add(message);
  waiting_at_ = messages_.size();
  sent_ = first_ + count_;
  std::ignore = make_room();
}

bool Backlog::add_waiting(const Reply& message) {
  add(message);
  return make_room();
}

std::optional<std::string_view> Backlog::send_next() {
  if (waiting_at_ == messages_.size()) return std::nullopt;
  const Bytes message = first_message(messages_.bytes().subspan(waiting_at_));
  waiting_at_ += kSizeWidth + message.size();
  ++sent_;
  return as_text(message);
}

void Backlog::arrived(std::uint64_t number) {
  while (first_ < number && first_ < sent_) forget_first();
}

bool Backlog::rewind(std::uint64_t count) {
  if (count < first_ - begin_ || count > sent_ - begin_) return false;
  arrived(begin_ + count);
  waiting_at_ = 0;
  sent_ = begin_ + count;
  return true;
}

void Backlog::add(const Reply& message) {
  std::size_t size = 0;
  for (const std::string_view piece : message.pieces()) size += piece.size();
  messages_.u32(static_cast<std::uint32_t>(size));
  for (const std::string_view piece : message.pieces()) messages_.append(piece);
  ++count_;
}

// One that was sent.
void Backlog::forget_first() {
  const std::size_t size = kSizeWidth + first_message(messages_.bytes()).size();
  messages_.consume(size);
  if (messages_.empty()) messages_.release();
  waiting_at_ -= size;
  --count_;
  ++first_;
}

bool Backlog::make_room() {
  const auto too_much = [this] {
    return count_ > kMaxBacklogMessages ||
           messages_.size() - count_ * kSizeWidth > kMaxBacklogBytes;
  };
  while (too_much() && first_ < sent_) forget_first();
  return !too_much();
}

}  // namespace heliograph::signal
