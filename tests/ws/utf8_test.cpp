#include "ws/utf8.hpp"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/ws/naive_utf8.hpp"
#include "ws/utf8_kernels.hpp"

namespace heliograph::ws {
namespace {

// How many bytes go by before the validator refuses; all of them if it does not.
std::size_t accepted(std::string_view text) {
  Utf8Validator validator;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!validator.receive(as_bytes(text.substr(i, 1)))) return i;
  }
  return text.size();
}

TEST(WsUtf8, TakesEveryCharacter) {
  for (std::uint32_t value = 0; value <= 0x10ffff; ++value) {
    if (value >= 0xd800 && value <= 0xdfff) continue;
    std::string text;
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    const auto put_rest = [&](int count) {
      while (count-- > 0) put(0x80 | (value >> (6 * count) & 0x3f));
    };
    if (value < 0x80) {
      put(value);
    } else if (value < 0x800) {
      put(0xc0 | value >> 6);
      put_rest(1);
    } else if (value < 0x10000) {
      put(0xe0 | value >> 12);
      put_rest(2);
    } else {
      put(0xf0 | value >> 18);
      put_rest(3);
    }
    ASSERT_TRUE(is_utf8(as_bytes(text))) << std::hex << value;
  }
}

// Follows every text that may go on for up to `depth` bytes, and tries every byte behind it.
void expect_same_as_reference(const std::string& start, int depth) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string text = start + static_cast<char>(byte);
    const bool possible = reference::is_text(text, false);
    ASSERT_EQ(accepted(text), possible ? text.size() : start.size())
        << testing::PrintToString(text);
    ASSERT_EQ(is_utf8(as_bytes(text)), reference::is_text(text, true));
    if (possible && depth > 1 && byte >= 0x7f) expect_same_as_reference(text, depth - 1);
  }
}

TEST(WsUtf8, FailsAtTheFirstByteThatNoTextCouldHave) {
  expect_same_as_reference("", 3);
}

TEST(WsUtf8, SaysTheSameWhereverAnInvalidByteStandsAndHoweverTheTextIsCut) {
  const std::string text = "plain ascii text, then \xe2\x82\xac and \xf0\x9f\x98\x80, plain again";
  ASSERT_TRUE(is_utf8(as_bytes(text)));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string broken = text;
    broken[at] = '\xff';
    EXPECT_FALSE(is_utf8(as_bytes(broken)));
    EXPECT_EQ(accepted(broken), at);
    Utf8Validator validator;
    const Bytes bytes = as_bytes(text);
    EXPECT_TRUE(validator.receive(bytes.first(at)) && validator.receive(bytes.subspan(at)));
    EXPECT_TRUE(validator.complete());
  }
}

// What the validator says about `text` in two pieces, by one implementation.
bool accepts(const Utf8Kernel& kernel, Bytes text, std::size_t cut, bool& complete) {
  Utf8Validator validator;
  const bool accepted =
      validator.receive(text.first(cut), kernel) && validator.receive(text.subspan(cut), kernel);
  complete = validator.complete();
  return accepted;
}

// Random characters and pieces of characters, mostly valid: what is long enough for every kernel.
class RandomText {
 public:
  explicit RandomText(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string text(std::size_t size) {
    static const std::vector<std::string_view> kCharacters = {"a",
                                                              "plain text",
                                                              "\x7f",
                                                              "\xc2\x80",
                                                              "\xc3\xa4",
                                                              "\xdf\xbf",
                                                              "\xe0\xa0\x80",
                                                              "\xe2\x82\xac",
                                                              "\xed\x9f\xbf",
                                                              "\xee\x80\x80",
                                                              "\xef\xbf\xbf",
                                                              "\xf0\x90\x80\x80",
                                                              "\xf0\x9f\x98\x80",
                                                              "\xf4\x8f\xbf\xbf"};
    static const std::string kAscii(70, 'x');
    std::string text;
    while (text.size() < size) {
      text += below(20) == 0 ? kAscii : kCharacters[below(kCharacters.size())];
    }
    text.resize(size);
    for (std::size_t errors = below(3); errors > 0; --errors) damage(text);
    return text;
  }

 private:
  // Mostly with a byte that stands in the table of RFC 3629 section 4 as a bound.
  void damage(std::string& text) {
    constexpr std::string_view kBounds =
        "\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xed\xef\xf0\xf4\xf5\xff";
    const std::size_t at = below(text.size());
    text[at] = below(4) == 0 ? static_cast<char>(random_()) : kBounds[below(kBounds.size())];
  }

  std::mt19937 random_;
};

TEST(WsUtf8, TheLastImplementationIsThePortableOne) {
  EXPECT_EQ(utf8_kernels().back().name, "portable");
}

// Each pair of bytes, and each triple and quadruple of bytes that are bounds of the table (the
// quadruples behind a lead byte of three or four), in the middle of a text that is long enough for
// every implementation, at every place in a vector.
TEST(WsUtf8, EveryImplementationSaysTheSameOfEveryShortSequenceAnywhereInALongText) {
  const std::string bounds(
      "\x00\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5"
      "\xff",
      24);
  std::vector<std::string> sequences;
  for (unsigned pair = 0; pair < 0x10000; ++pair) {
    sequences.push_back({static_cast<char>(pair >> 8), static_cast<char>(pair & 255)});
  }
  for (const char a : bounds) {
    for (const char b : bounds) {
      for (const char c : bounds) {
        sequences.push_back({a, b, c});
        if (static_cast<std::uint8_t>(a) < 0xe0) continue;
        for (const char d : bounds) sequences.push_back({a, b, c, d});
      }
    }
  }
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const std::string& sequence = sequences[i];
    const bool valid = reference::is_text(sequence, true);
    std::string text(128, 'x');
    text.replace(i % 124, sequence.size(), sequence);
    for (const Utf8Kernel& kernel : utf8_kernels()) {
      Utf8Validator validator;
      ASSERT_EQ(validator.receive(as_bytes(text), kernel), valid)
          << kernel.name << ' ' << testing::PrintToString(sequence) << " at " << i % 124;
    }
  }
}

TEST(WsUtf8, EveryImplementationSaysTheSameAtEveryPlaceInAVector) {
  for (const std::string_view sequence :
       {"\xc2\x80", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc2", "\xe2\x82", "\xf0\x9f\x98", "\x80",
        "\xc2\x80\x80", "\xe2\x82\xac\x80", "\xf0\x9f\x98\x80\x80", "\xe0\x9f\x80", "\xed\xa0\x80",
        "\xf0\x8f\x80\x80", "\xf4\x90\x80\x80", "\xc1\xbf"}) {
    for (std::size_t at = 0; at + sequence.size() <= 200; ++at) {
      std::string text(200, 'x');
      text.replace(at, sequence.size(), sequence);
      const bool possible = reference::is_text(text, false);
      for (const Utf8Kernel& kernel : utf8_kernels()) {
        Utf8Validator validator;
        ASSERT_EQ(validator.receive(as_bytes(text), kernel), possible) << kernel.name << ' ' << at;
      }
    }
  }
}

TEST(WsUtf8, EveryImplementationSaysTheSameOfLongTextsAtEveryAlignmentAndSplit) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    RandomText random(seed);
    const std::string text = random.text(1 + random.below(400));
    const bool possible = reference::is_text(text, false);
    const bool whole = reference::is_text(text, true);
    for (std::size_t alignment = 0; alignment < 32; alignment += 1 + random.below(5)) {
      std::vector<std::uint8_t> storage(alignment);
      storage.insert(storage.end(), text.begin(), text.end());
      const Bytes bytes = Bytes(storage).subspan(alignment);
      for (const Utf8Kernel& kernel : utf8_kernels()) {
        for (std::size_t cut = 0; cut <= bytes.size(); cut += alignment == 0 ? 1 : 13) {
          bool complete = false;
          ASSERT_EQ(accepts(kernel, bytes, cut, complete), possible)
              << kernel.name << ' ' << seed << ' ' << cut;
          ASSERT_EQ(possible && complete, whole);
        }
      }
    }
  }
}

// What a kernel vouches for is valid, and ends with a character.
TEST(WsUtf8, NoImplementationVouchesForMoreThanIsValid) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    RandomText random(seed);
    const std::string text = random.text(1 + random.below(400));
    for (const Utf8Kernel& kernel : utf8_kernels()) {
      const std::size_t size = kernel.valid_prefix(as_bytes(text));
      ASSERT_TRUE(reference::is_text(text.substr(0, size), true)) << kernel.name << ' ' << seed;
      if (kernel.name == "portable" || !reference::is_text(text, true)) continue;
      // "Most": all whole groups, but for a character that is cut at the end of the last one.
      ASSERT_GE(size + 3, text.size() / kUtf8Group * kUtf8Group) << kernel.name << ' ' << seed;
    }
  }
}

TEST(WsUtf8, IsNotCompleteWithinACharacter) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.complete());
  EXPECT_TRUE(validator.receive(as_bytes("\xe2\x82")));
  EXPECT_FALSE(validator.complete());
  EXPECT_TRUE(validator.receive(as_bytes("\xac")));
  EXPECT_TRUE(validator.complete());
}

}  // namespace
}  // namespace heliograph::ws
