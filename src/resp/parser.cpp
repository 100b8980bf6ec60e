#include "resp/parser.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

namespace heliograph::resp {

namespace {

constexpr std::string_view kCrlf = "\r\n";
constexpr std::size_t kVerbatimPrefix = 4;  // "txt:"

// Memory kept from one reply to the next; a larger reply gives back what it took.
constexpr std::size_t kKeptNodes = 1024;
constexpr std::size_t kKeptSpill = std::size_t{64} << 10;

constexpr std::size_t kMoreThanThereIs = std::numeric_limits<std::size_t>::max();

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

// 0 or [1-9][0-9]*: no sign, no leading zero, no white space.
Result<std::size_t, Error> parse_length(std::string_view text, std::size_t limit, Error too_large) {
  if (!all_digits(text) || (text[0] == '0' && text.size() > 1)) return fail(Error::kBadLength);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > limit) return fail(too_large);
  return value;
}

// The sign that from_chars does not know.
std::string_view without_plus(std::string_view text) {
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  return plus ? text.substr(1) : text;
}

template <class T>
Result<std::uint64_t, Error> parse_number(std::string_view text, Error malformed) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return fail(malformed);
  return std::bit_cast<std::uint64_t>(value);
}

Result<std::uint64_t, Error> parse_integer(std::string_view text) {
  return parse_number<std::int64_t>(without_plus(text), Error::kBadInteger);
}

// from_chars takes "infinity", "nan(1)" and ".5" as well; RESP3 does not.
Result<std::uint64_t, Error> parse_double(std::string_view text) {
  const std::string_view number = without_plus(text);
  const std::string_view magnitude = number.substr(number.starts_with('-') ? 1 : 0);
  const bool decimal = !magnitude.empty() && is_digit(magnitude[0]);
  if (!decimal && text != "inf" && text != "-inf" && text != "nan") return fail(Error::kBadDouble);
  return parse_number<double>(number, Error::kBadDouble);
}

bool is_big_number(std::string_view text) {
  return all_digits(text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0));
}

// "+\r\n"
constexpr std::size_t kShortestLine = 3;
// Longer simple strings are rare, and looked for with the tools for long lines.
constexpr std::size_t kShortText = 32;

// Reads from bytes that may end anywhere. Whatever is not there as a whole, or not in its usual
// form, is not taken.
class Cursor {
 public:
  Cursor(const std::uint8_t* at, const std::uint8_t* end) : at_(at), end_(end) {}

  [[nodiscard]] const std::uint8_t* at() const { return at_; }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  std::uint8_t take() { return *at_++; }
  void skip(std::size_t count) { at_ += count; }
  bool take_crlf() {
    if (left() < kCrlf.size() || at_[0] != '\r' || at_[1] != '\n') return false;
    at_ += kCrlf.size();
    return true;
  }
  // A canonical length of at most nine digits, and CRLF.
  bool take_length(std::uint64_t& value) {
    static constexpr std::size_t kMostDigits = 9;
    const std::uint8_t* const first = at_;
    const std::size_t count = take_digits(kMostDigits, value);
    return count > 0 && (*first != '0' || count == 1) && take_crlf();
  }
  // A number of at most eighteen digits, which fits, and CRLF.
  bool take_integer(std::uint64_t& bits) {
    static constexpr std::size_t kMostDigits = 18;
    const bool negative = at_ != end_ && *at_ == '-';
    if (negative) ++at_;
    if (take_digits(kMostDigits, bits) == 0 || !take_crlf()) return false;
    if (negative) bits = 0 - bits;
    return true;
  }
  // A line of at most `longest` characters, and CRLF.
  bool take_text(std::size_t longest) {
    const std::uint8_t* const limit = at_ + std::min(longest, left());
    while (at_ != limit && *at_ != '\r' && *at_ != '\n') ++at_;
    return take_crlf();
  }

 private:
  std::size_t take_digits(std::size_t most, std::uint64_t& value) {
    const std::uint8_t* const first = at_;
    const std::uint8_t* const limit = at_ + std::min(most, left());
    for (; at_ != limit; ++at_) {
      const unsigned digit = *at_ - unsigned{'0'};
      if (digit > 9) break;
      value = 10 * value + digit;
    }
    return static_cast<std::size_t>(at_ - first);
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace

Result<std::optional<Reply>, Error> Parser::receive(MutableBytes& input) {
  if (error_) {
    input = {};
    return fail(*error_);
  }
  recycle();
  if (spill_.empty() && read_plain_units(input)) {
    // No attribute stands in front of a plain value, and it is no push.
    finished_ = true;
    return Reply(nodes_, take_front(input, at_).data(), 0);
  }
  auto reply = next(input);
  if (!reply) {
    error_ = reply.error();
    input = {};
  }
  return reply;
}

// Unit by unit, from where the plain ones end.
Result<std::optional<Reply>, Error> Parser::next(MutableBytes& input) {
  while (true) {
    const auto unit = gather(input);
    if (!unit) return fail(unit.error());
    if (unit->empty()) return std::nullopt;
    const auto complete = read_unit(*unit);
    if (!complete) return fail(complete.error());
    if (*complete || (spill_.empty() && read_plain_units(input))) return finish(input);
  }
}

void Parser::reset() {
  const Usage usage = usage_;
  *this = Parser(limits_);
  usage_ = usage;
}

void Parser::recycle() {
  if (!std::exchange(finished_, false)) return;
  nodes_.clear();
  if (nodes_.capacity() > kKeptNodes) nodes_.shrink_to_fit();
  spill_.clear();
  if (spill_.capacity() > kKeptSpill) spill_.release();
  at_ = 0;
  elements_ = 0;
}

// Reads units that lie in the input as a whole, are of the usual types and break no rule. True once
// the value at the top level is whole. What it leaves is for gather() and read_unit(), which find
// the same values, and the errors.
bool Parser::read_plain_units(Bytes input) {
  if (expect_ != Expect::kLine || streaming_) return false;
  const std::size_t size = std::min(input.size(), limits_.reply);
  Cursor cursor(input.data() + at_, input.data() + size);
  while (pending_attributes_ == kNone && (frames_.empty() || !frames_.back().streamed)) {
    const std::uint8_t* const begin = cursor.at();
    if (cursor.left() < kShortestLine) return false;
    bool complete = false;
    const auto type = static_cast<char>(cursor.take());
    if (type == '$') {
      std::uint64_t length = 0;
      if (!cursor.take_length(length) || length > limits_.bulk) return false;
      if (cursor.left() < length + kCrlf.size()) return false;
      const std::uint8_t* const text = cursor.at();
      cursor.skip(length);
      if (!cursor.take_crlf()) return false;
      usage_.scanned += static_cast<std::size_t>(text - begin);
      complete =
          add_plain(Type::kBulkString, at_ + static_cast<std::size_t>(text - begin), length, 0);
    } else if (type == ':') {
      std::uint64_t bits = 0;
      if (!cursor.take_integer(bits)) return false;
      const auto length = static_cast<std::size_t>(cursor.at() - begin);
      usage_.scanned += length;
      complete = add_plain(Type::kInteger, at_ + 1, length - 1 - kCrlf.size(), bits);
    } else if (type == '+') {
      if (!cursor.take_text(kShortText)) return false;
      const auto length = static_cast<std::size_t>(cursor.at() - begin);
      usage_.scanned += length;
      complete = add_plain(Type::kSimpleString, at_ + 1, length - 1 - kCrlf.size(), 0);
    } else if (type == '*') {
      std::uint64_t children = 0;
      if (!cursor.take_length(children) || frames_.size() >= limits_.depth) return false;
      if (children == 0 || children > limits_.elements - elements_) return false;
      usage_.scanned += static_cast<std::size_t>(cursor.at() - begin);
      open_plain(children);
    } else {
      return false;
    }
    at_ += static_cast<std::size_t>(cursor.at() - begin);
    if (complete) return true;
  }
  return false;
}

// A value that no attribute describes and no streamed aggregate holds.
Parser::Complete Parser::add_plain(Type type, std::size_t offset, std::size_t size,
                                   std::uint64_t bits) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({.type = type,
                    .attributes = index,
                    .end = index + 1,
                    .offset = static_cast<std::uint32_t>(offset),
                    .size = static_cast<std::uint32_t>(size),
                    .bits = bits});
  return complete_value();
}

void Parser::open_plain(std::size_t children) {
  elements_ += children;
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  const auto count = static_cast<std::uint32_t>(children);
  nodes_.push_back({.type = Type::kArray, .attributes = index, .end = index + 1, .count = count});
  frames_.push_back({.node = index, .remaining = count, .attributes = index});
}

// The next unit, a line or the bytes of a bulk string with its CRLF, once it is whole. Until then
// nothing, and all that has come of the reply is in the spill.
Result<MutableBytes, Error> Parser::gather(MutableBytes& input) {
  const bool spilled = !spill_.empty();
  const Bytes held = spilled ? spill_.bytes().subspan(at_) : Bytes{};
  const Bytes fresh = spilled ? Bytes(input) : Bytes(input).subspan(at_);
  const auto missing = missing_of_unit(held, fresh);
  if (!missing) return fail(missing.error());
  if (*missing > fresh.size()) {
    usage_.copied += input.size();
    spill_.append(take_front(input, input.size()));
    return MutableBytes{};
  }
  const std::size_t unit_size = held.size() + *missing;
  at_ += unit_size;
  if (at_ > limits_.reply) return fail(Error::kReplyTooLong);
  if (!spilled) return input.first(at_).last(unit_size);
  usage_.copied += *missing;
  spill_.append(take_front(input, *missing));
  return spill_.mutable_bytes().last(unit_size);
}

// How many of the fresh bytes complete the unit that the held ones begin.
Result<std::size_t, Error> Parser::missing_of_unit(Bytes held, Bytes fresh) {
  if (expect_ != Expect::kLine) {
    const std::size_t missing = bulk_size_ + kCrlf.size() - held.size();
    return missing <= fresh.size() ? missing : kMoreThanThereIs;
  }
  if (held.empty() && fresh.empty()) return kMoreThanThereIs;
  const auto longest = longest_line(held.empty() ? fresh[0] : held[0]);
  if (!longest) return fail(longest.error());
  const std::size_t room = *longest - held.size();
  const Bytes window = fresh.first(std::min(room, fresh.size()));
  const std::size_t before = std::min(as_text(window).find('\n'), window.size());
  usage_.scanned += before;
  if (before < window.size()) return before + 1;
  if (window.size() == room) return fail(Error::kLineTooLong);
  return kMoreThanThereIs;
}

// Including the type and CRLF.
Result<std::size_t, Error> Parser::longest_line(std::uint8_t type) const {
  static constexpr std::string_view kTextTypes = "+-(";
  static constexpr std::string_view kHeaderTypes = "$!=:,#_*~%>|;.";
  const char letter = static_cast<char>(type);
  if (kTextTypes.contains(letter)) return 1 + limits_.simple_string + kCrlf.size();
  if (kHeaderTypes.contains(letter)) return 1 + limits_.header_line + kCrlf.size();
  return fail(Error::kUnknownType);
}

Result<std::optional<Reply>, Error> Parser::finish(MutableBytes& input) {
  finished_ = true;
  const std::uint8_t* const bytes = spill_.empty() ? take_front(input, at_).data() : spill_.data();
  std::size_t root = 0;
  while (nodes_[root].type == Type::kAttribute) root = nodes_[root].end;
  const Reply reply(nodes_, bytes, root);
  if (reply.type() == Type::kPush && !reply[0].is_string()) return fail(Error::kBadPush);
  return reply;
}

Result<Parser::Complete, Error> Parser::read_unit(MutableBytes unit) {
  switch (std::exchange(expect_, Expect::kLine)) {
    case Expect::kLine:
      return read_line(unit);
    case Expect::kBulk:
      return read_bulk(unit);
    case Expect::kStreamPart:
      return read_stream_part(unit);
  }
  std::unreachable();
}

Result<Parser::Complete, Error> Parser::read_line(Bytes unit) {
  if (!as_text(unit).ends_with(kCrlf)) return fail(Error::kBadLineEnd);
  const std::string_view text = as_text(unit.subspan(1, unit.size() - 1 - kCrlf.size()));
  if (text.contains('\r')) return fail(Error::kBadLineEnd);
  const char type = static_cast<char>(unit[0]);
  if (streaming_ && type != ';') return fail(Error::kExpectedStreamPart);
  switch (type) {
    case '+':
      return add_scalar(Type::kSimpleString, text);
    case '-':
      return add_scalar(Type::kSimpleError, text);
    case '$':
      return read_bulk_header(Type::kBulkString, text);
    case '!':
      return read_bulk_header(Type::kBulkError, text);
    case '=':
      return read_bulk_header(Type::kVerbatim, text);
    case ':':
      return add_number(Type::kInteger, text, parse_integer(text));
    case ',':
      return add_number(Type::kDouble, text, parse_double(text));
    case '(':
      if (!is_big_number(text)) return fail(Error::kBadBigNumber);
      return add_scalar(Type::kBigNumber, text);
    case '#':
      if (text != "t" && text != "f") return fail(Error::kBadBoolean);
      return add_scalar(Type::kBoolean, text, text == "t" ? 1 : 0);
    case '_':
      if (!text.empty()) return fail(Error::kBadNull);
      return add_scalar(Type::kNull, {});
    case '*':
      return read_aggregate(Type::kArray, text);
    case '~':
      return read_aggregate(Type::kSet, text);
    case '%':
      return read_aggregate(Type::kMap, text);
    case '>':
      return read_aggregate(Type::kPush, text);
    case '|':
      return read_aggregate(Type::kAttribute, text);
    case ';':
      return read_stream_part_header(text);
    case '.':
      return read_stream_end(text);
    default:
      return fail(Error::kUnknownType);
  }
}

Result<Parser::Complete, Error> Parser::read_bulk_header(Type type, std::string_view length) {
  if (type == Type::kBulkString && length == "-1") return add_scalar(Type::kNull, {});
  if (type == Type::kBulkString && length == "?") {
    streaming_ = true;
    const auto node = add_node(type);
    if (!node) return fail(node.error());
    return Complete{false};
  }
  const auto size = parse_length(length, limits_.bulk, Error::kBulkTooLong);
  if (!size) return fail(size.error());
  return expect_bytes(*size, Expect::kBulk, type);
}

Result<Parser::Complete, Error> Parser::expect_bytes(std::size_t size, Expect expect, Type type) {
  if (at_ + size + kCrlf.size() > limits_.reply) return fail(Error::kReplyTooLong);
  bulk_size_ = size;
  bulk_type_ = type;
  expect_ = expect;
  return Complete{false};
}

Result<Parser::Complete, Error> Parser::read_bulk(Bytes unit) {
  std::string_view text = as_text(unit);
  if (!text.ends_with(kCrlf)) return fail(Error::kBulkNotTerminated);
  text.remove_suffix(kCrlf.size());
  if (bulk_type_ == Type::kVerbatim) {
    if (text.size() < kVerbatimPrefix || text[kVerbatimPrefix - 1] != ':') {
      return fail(Error::kBadVerbatim);
    }
    text.remove_prefix(kVerbatimPrefix);
  }
  return add_scalar(bulk_type_, text);
}

Result<Parser::Complete, Error> Parser::read_stream_part_header(std::string_view length) {
  if (!streaming_) return fail(Error::kStrayStreamPart);
  const std::size_t room = limits_.bulk - nodes_.back().size;
  const auto size = parse_length(length, room, Error::kBulkTooLong);
  if (!size) return fail(size.error());
  if (*size > 0) return expect_bytes(*size, Expect::kStreamPart, Type::kBulkString);
  streaming_ = false;
  return complete_value();
}

// Moves the part to the end of those before it, over the headers between them.
Result<Parser::Complete, Error> Parser::read_stream_part(MutableBytes unit) {
  if (!as_text(unit).ends_with(kCrlf)) return fail(Error::kBulkNotTerminated);
  Node& node = nodes_.back();
  const std::size_t part_at = at_ - unit.size();
  if (node.size == 0) node.offset = static_cast<std::uint32_t>(part_at);
  const std::size_t gap = part_at - (node.offset + node.size);
  if (gap > 0) {
    std::memmove(unit.data() - gap, unit.data(), bulk_size_);
    usage_.copied += bulk_size_;
  }
  node.size += static_cast<std::uint32_t>(bulk_size_);
  return Complete{false};
}

Result<Parser::Complete, Error> Parser::read_aggregate(Type type, std::string_view count) {
  if (type == Type::kPush && !frames_.empty()) return fail(Error::kPushInsideAggregate);
  if (type == Type::kArray && count == "-1") return add_scalar(Type::kNull, {});
  const bool may_stream = type == Type::kArray || type == Type::kSet || type == Type::kMap;
  if (may_stream && count == "?") return open(type, 0, true);
  if (type == Type::kAttribute) {
    const auto pairs = parse_length(count, limits_.attribute_pairs, Error::kTooManyAttributes);
    if (!pairs) return fail(pairs.error());
    return open(type, 2 * *pairs, false);
  }
  const std::size_t per_entry = type == Type::kMap ? 2 : 1;
  const auto entries = parse_length(count, limits_.elements / per_entry, Error::kTooManyElements);
  if (!entries) return fail(entries.error());
  return open(type, *entries * per_entry, false);
}

Result<Parser::Complete, Error> Parser::read_stream_end(std::string_view rest) {
  const bool inside = !frames_.empty() && frames_.back().streamed;
  if (!rest.empty() || !inside || pending_attributes_ != kNone) {
    return fail(Error::kStrayStreamEnd);
  }
  const Node& node = nodes_[frames_.back().node];
  if (node.type == Type::kMap && node.count % 2 != 0) return fail(Error::kOddMap);
  close_frame();
  return complete_value();
}

Result<Parser::Complete, Error> Parser::add_number(Type type, std::string_view text,
                                                   Result<std::uint64_t, Error> bits) {
  if (!bits) return fail(bits.error());
  return add_scalar(type, text, *bits);
}

// `text` ends in front of the CRLF that was read last.
Result<Parser::Complete, Error> Parser::add_scalar(Type type, std::string_view text,
                                                   std::uint64_t bits) {
  const auto index = add_node(type);
  if (!index) return fail(index.error());
  Node& node = nodes_[*index];
  node.size = static_cast<std::uint32_t>(text.size());
  node.offset = static_cast<std::uint32_t>(at_ - kCrlf.size() - text.size());
  node.bits = bits;
  return complete_value();
}

Result<Parser::Complete, Error> Parser::open(Type type, std::size_t children, bool streamed) {
  if (frames_.size() >= limits_.depth) return fail(Error::kTooDeep);
  if (!count_elements(children)) return fail(Error::kTooManyElements);
  const std::uint32_t attributes = pending_attributes_;
  const auto index = add_node(type);
  if (!index) return fail(index.error());
  nodes_[*index].count = static_cast<std::uint32_t>(children);
  frames_.push_back({.node = *index,
                     .remaining = static_cast<std::uint32_t>(children),
                     .attributes = attributes == kNone ? *index : attributes,
                     .streamed = streamed});
  if (streamed || children > 0) return Complete{false};
  close_frame();
  return type == Type::kAttribute ? Complete{false} : complete_value();
}

bool Parser::count_elements(std::size_t more) {
  if (more > limits_.elements - elements_) return false;
  elements_ += more;
  return true;
}

Result<std::uint32_t, Error> Parser::add_node(Type type) {
  // Children of other aggregates were counted when they were announced.
  const bool unannounced =
      type == Type::kAttribute || (!frames_.empty() && frames_.back().streamed);
  if (unannounced && !count_elements(1)) return fail(Error::kTooManyElements);
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  const std::uint32_t attributes = std::exchange(pending_attributes_, kNone);
  const bool described = type != Type::kAttribute && attributes != kNone;
  nodes_.push_back({.type = type, .attributes = described ? attributes : index, .end = index + 1});
  return index;
}

// A value is whole; so is every aggregate that it is the last child of. An attribute that becomes
// whole is no value: the one that it describes follows.
Parser::Complete Parser::complete_value() {
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    Node& node = nodes_[frame.node];
    if (frame.streamed) ++node.count;
    if (frame.streamed || --frame.remaining > 0) return Complete{false};
    close_frame();
    if (node.type == Type::kAttribute) return Complete{false};
  }
  return Complete{true};
}

void Parser::close_frame() {
  const Frame& frame = frames_.back();
  Node& node = nodes_[frame.node];
  node.end = static_cast<std::uint32_t>(nodes_.size());
  if (node.type == Type::kAttribute) pending_attributes_ = frame.attributes;
  frames_.pop_back();
}

}  // namespace heliograph::resp
