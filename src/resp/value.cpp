#include "resp/value.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace heliograph::resp {

namespace {

constexpr std::array<Node, 1> kNullNode = {Node{.end = 1}};

constexpr std::size_t kFormatSize = 3;  // of a verbatim string, and a colon behind it

void append_quoted(std::string_view text, std::string& out) {
  static constexpr std::string_view kHexDigits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    }
  }
  out += '"';
}

// What to_text() writes in front of a value's text or children.
std::string_view sigil(Type type) {
  switch (type) {
    case Type::kNull:
      return "null";
    case Type::kSimpleString:
      return "+";
    case Type::kBulkString:
    case Type::kVerbatim:
    case Type::kBoolean:
      return "";
    case Type::kSimpleError:
      return "-";
    case Type::kBulkError:
      return "!";
    case Type::kInteger:
      return ":";
    case Type::kDouble:
      return ",";
    case Type::kBigNumber:
      return "(";
    case Type::kArray:
      return "*";
    case Type::kSet:
      return "~";
    case Type::kMap:
      return "%";
    case Type::kPush:
      return ">";
    case Type::kAttribute:
      return "|";
  }
  std::unreachable();
}

void append_scalar(const Reply& reply, std::string& out) {
  out += reply.format();
  out += sigil(reply.type());
  if (reply.is_string() || reply.is_error()) {
    append_quoted(reply.text(), out);
  } else if (reply.type() == Type::kBoolean) {
    out += reply.boolean() ? "true" : "false";
  } else {
    out += reply.text();
  }
}

}  // namespace

Reply::Reply() : nodes_(kNullNode) {}

std::string_view Reply::text_of(const Node& node) const {
  if (node.size == 0) return {};
  return as_text({bytes_ + node.offset, node.size});
}

std::string_view Reply::text() const {
  return text_of(node());
}

std::string_view Reply::format() const {
  if (type() != Type::kVerbatim) return {};
  return as_text({bytes_ + node().offset - kFormatSize - 1, kFormatSize});
}

std::string_view Reply::error_code() const {
  if (!is_error()) return {};
  const std::string_view whole = text();
  return whole.substr(0, whole.find(' '));
}

std::int64_t Reply::integer() const {
  return type() == Type::kInteger ? std::bit_cast<std::int64_t>(node().bits) : 0;
}

double Reply::number() const {
  return type() == Type::kDouble ? std::bit_cast<double>(node().bits) : 0.0;
}

bool Reply::boolean() const {
  return type() == Type::kBoolean && node().bits != 0;
}

Reply::Children Reply::children() const {
  const std::size_t end = node().end;
  return {{Reply(nodes_, bytes_, index_ + 1), end, false},
          {Reply(nodes_, bytes_, end), end, false}};
}

Reply::Children Reply::attributes() const {
  return {{Reply(nodes_, bytes_, node().attributes), index_, true},
          {Reply(nodes_, bytes_, index_), index_, true}};
}

Reply Reply::operator[](std::size_t child) const {
  for (const Reply reply : children()) {
    if (child-- == 0) return reply;
  }
  return {};
}

Reply Reply::find(std::string_view key) const {
  if (type() != Type::kMap && type() != Type::kAttribute) return {};
  const Children pairs = children();
  for (auto it = pairs.begin(); it != pairs.end(); ++it) {
    const Reply candidate = *it++;
    if (candidate.is_string() && candidate.text() == key) return *it;
  }
  return {};
}

Reply::Children::Iterator::Iterator(Reply reply, std::size_t end, bool over_attributes)
    : reply_(reply), end_(end), over_attributes_(over_attributes) {
  skip_attributes();
}

void Reply::Children::Iterator::skip_attributes() {
  while (!over_attributes_ && reply_.index_ < end_ && reply_.type() == Type::kAttribute) {
    reply_.index_ = reply_.node().end;
  }
}

Reply::Children::Iterator& Reply::Children::Iterator::operator++() {
  reply_.index_ = reply_.node().end;
  skip_attributes();
  return *this;
}

Reply::Children::Iterator Reply::Children::Iterator::operator++(int) {
  const Iterator before = *this;
  ++*this;
  return before;
}

// Two trees are equal if their values are equal in order: the order and the numbers of children
// determine the tree.
bool operator==(const Reply& a, const Reply& b) {
  const auto subtree = [](const Reply& reply) {
    const Node& node = reply.node();
    return reply.nodes_.subspan(node.attributes, node.end - node.attributes);
  };
  return std::ranges::equal(subtree(a), subtree(b), [&](const Node& x, const Node& y) {
    return x.type == y.type && x.count == y.count && a.text_of(x) == b.text_of(y) &&
           Reply(a.nodes_, a.bytes_, static_cast<std::size_t>(&x - a.nodes_.data())).format() ==
               Reply(b.nodes_, b.bytes_, static_cast<std::size_t>(&y - b.nodes_.data())).format();
  });
}

std::string to_text(const Reply& reply) {
  std::string out;
  std::vector<const Node*> open;
  const std::size_t end = reply.node().end;
  for (std::size_t i = reply.node().attributes; i < end; ++i) {
    const Reply value(reply.nodes_, reply.bytes_, i);
    append_scalar(value, out);
    const Node* completed = &value.node();
    if (value.is_aggregate()) {
      out += '[';
      open.push_back(completed);
      completed = nullptr;
    }
    while (!open.empty() && open.back()->end == i + 1) {
      out += ']';
      completed = open.back();
      open.pop_back();
    }
    if (completed != nullptr && i + 1 < end) {
      out += completed->type == Type::kAttribute ? " " : ", ";
    }
  }
  return out;
}

}  // namespace heliograph::resp
