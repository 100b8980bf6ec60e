#include "signal/backlog.hpp"

#include <tuple>

namespace heliograph::signal {

void Backlog::begin() {
  messages_.clear();
  bytes_ = 0;
  begin_ = sent_;
  first_ = sent_;
}

void Backlog::add_sent(std::string_view message) {
  messages_.emplace_back(message);
  bytes_ += message.size();
  sent_ = first_ + messages_.size();
  std::ignore = make_room();
}

bool Backlog::add_waiting(std::string_view message) {
  messages_.emplace_back(message);
  bytes_ += message.size();
  return make_room();
}

std::optional<std::string_view> Backlog::send_next() {
  const std::uint64_t position = sent_ - first_;
  if (position == messages_.size()) return std::nullopt;
  ++sent_;
  return messages_[position];
}

void Backlog::arrived(std::uint64_t number) {
  while (first_ < number && first_ < sent_) forget_first();
}

bool Backlog::rewind(std::uint64_t count) {
  if (count < first_ - begin_ || count > sent_ - begin_) return false;
  arrived(begin_ + count);
  sent_ = begin_ + count;
  return true;
}

void Backlog::forget_first() {
  bytes_ -= messages_.front().size();
  messages_.pop_front();
  ++first_;
}

bool Backlog::make_room() {
  const auto too_much = [this] {
    return messages_.size() > kMaxBacklogMessages || bytes_ > kMaxBacklogBytes;
  };
  while (too_much() && first_ < sent_) forget_first();
  return !too_much();
}

}  // namespace heliograph::signal
