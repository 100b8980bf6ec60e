// A reply as a flat tree: all its values stand in one array, a parent in front of its children, and
// each knows where its subtree ends. Nothing that walks it recurses, and nothing owns memory.
//
//   *2 [ :1, *2 [ $a, $b ] ], :7      index  0   1   2   3   4
//                                     value  *2  :1  *2  $a  $b
//                                     end    5   2   5   4   5
//
// Attributes (RESP3) stand in front of the value that they describe. Iteration over a parent skips
// them; `attributes()` of the value yields them.
//
// Specification: RESP3 (redis-specifications, protocol/RESP3.md) and RESP2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

namespace heliograph::resp {

enum class Type : std::uint8_t {
  kNull,          // "_", "$-1" and "*-1"
  kSimpleString,  // "+"
  kBulkString,    // "$", streamed or not
  kVerbatim,      // "="
  kSimpleError,   // "-"
  kBulkError,     // "!"
  kInteger,       // ":"
  kDouble,        // ","
  kBigNumber,     // "("
  kBoolean,       // "#"
  kArray,         // "*"
  kSet,           // "~"
  kMap,           // "%"
  kPush,          // ">"
  kAttribute,     // "|"
};

// One value. Positions count from the first byte of the reply.
struct Node {
  Type type = Type::kNull;
  std::uint32_t attributes = 0;  // index of the first attribute of this value; its own if none
  std::uint32_t end = 0;         // index behind the last value of the subtree
  std::uint32_t count = 0;       // children; the pairs of a map count twice
  std::uint32_t offset = 0;      // text of everything that is no aggregate
  std::uint32_t size = 0;
  std::uint64_t bits = 0;  // the integer, the double or the boolean
};

// A view of one value and what is below it: as cheap to copy as a span, valid as long as what it
// came from. Accessors that do not fit the type yield an empty view or zero.
class Reply {
 public:
  class Children;

  // Null.
  Reply();
  Reply(std::span<const Node> nodes, const std::uint8_t* bytes, std::size_t index)
      : nodes_(nodes), bytes_(bytes), index_(index) {}

  [[nodiscard]] Type type() const { return node().type; }
  [[nodiscard]] bool is_null() const { return type() == Type::kNull; }
  [[nodiscard]] bool is_error() const {
    return type() == Type::kSimpleError || type() == Type::kBulkError;
  }
  [[nodiscard]] bool is_string() const {
    return type() == Type::kSimpleString || type() == Type::kBulkString ||
           type() == Type::kVerbatim;
  }
  [[nodiscard]] bool is_aggregate() const { return type() >= Type::kArray; }

  // Strings and errors: their bytes (a verbatim string's without the format). Numbers: as sent.
  [[nodiscard]] std::string_view text() const;
  // The three characters in front of a verbatim string: "txt" or "mkd".
  [[nodiscard]] std::string_view format() const;
  // The first word of an error: "WRONGPASS" of "WRONGPASS invalid username-password pair".
  [[nodiscard]] std::string_view error_code() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] bool boolean() const;

  // Children of an aggregate; a map has its keys at even and its values at odd places.
  [[nodiscard]] std::size_t size() const { return node().count; }
  [[nodiscard]] Children children() const;
  // Null if there is no such child. Walks over the children in front of it.
  [[nodiscard]] Reply operator[](std::size_t child) const;
  // The value that a map has for `key`, a string; null if it has none.
  [[nodiscard]] Reply find(std::string_view key) const;
  // The attributes that stand in front of this value, each a kAttribute with keys and values.
  [[nodiscard]] Children attributes() const;

  // The same values of the same types, attributes included. Doubles are compared as sent.
  friend bool operator==(const Reply& a, const Reply& b);

 private:
  friend std::string to_text(const Reply& reply);

  [[nodiscard]] const Node& node() const { return nodes_[index_]; }
  [[nodiscard]] std::string_view text_of(const Node& node) const;

  std::span<const Node> nodes_;
  const std::uint8_t* bytes_ = nullptr;
  std::size_t index_ = 0;
};

// Siblings, for range-for.
class Reply::Children {
 public:
  class Iterator {
   public:
    using value_type = Reply;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(Reply reply, std::size_t end, bool over_attributes);

    Reply operator*() const { return reply_; }
    Iterator& operator++();
    Iterator operator++(int);
    bool operator==(const Iterator& other) const { return reply_.index_ == other.reply_.index_; }

   private:
    void skip_attributes();

    Reply reply_;
    std::size_t end_ = 0;
    bool over_attributes_ = false;
  };

  Children(Iterator begin, Iterator end) : begin_(begin), end_(end) {}

  [[nodiscard]] Iterator begin() const { return begin_; }
  [[nodiscard]] Iterator end() const { return end_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }

 private:
  Iterator begin_;
  Iterator end_;
};

// A printable form for logs and tests; bytes outside of printable ASCII are escaped.
//   null  true  :1  ,1.5  (123  +"simple"  "bulk"  txt"verbatim"  -"error"  !"bulk error"
//   *[a, b]  ~[a, b]  >[a, b]  %[key, value]  |[key, value] described
std::string to_text(const Reply& reply);

}  // namespace heliograph::resp
