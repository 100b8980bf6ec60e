// Any arguments: what is encoded reads back as the same, through every kind of command.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "base/reader.hpp"
#include "resp/command.hpp"
#include "resp/parser.hpp"

namespace {

using namespace heliograph;
using Words = std::vector<std::string_view>;

void check(Buffer& output, const Words& words, std::size_t size) {
  if (output.size() != size) std::abort();
  resp::Parser parser;
  MutableBytes input = output.mutable_bytes();
  const auto command = parser.receive(input);
  if (!command || !*command || !input.empty()) std::abort();
  if ((**command).size() != words.size()) std::abort();
  std::size_t at = 0;
  for (const resp::Reply word : (**command).children()) {
    if (word.type() != resp::Type::kBulkString || word.text() != words[at++]) std::abort();
  }
  output.clear();
}

void check(const resp::Command& command, const Words& words, Buffer& output) {
  command.encode(output);
  check(output, words, command.encoded_size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader reader({data, size});
  Words words;
  while (!reader.empty()) {
    const Bytes word = reader.vector8();
    words.push_back(as_text(reader.ok() ? word : reader.rest()));
    if (!reader.ok()) break;
  }
  Buffer output;
  resp::encode(words, output);
  check(output, words, resp::encoded_size(words));
  if (words.size() < 3) return 0;

  using resp::Command;
  check(Command::get(words[0]), {"GET", words[0]}, output);
  check(Command::set(words[0], words[1]), {"SET", words[0], words[1]}, output);
  check(Command::publish(words[0], words[1]), {"PUBLISH", words[0], words[1]}, output);
  check(Command::hget(words[0], words[1]), {"HGET", words[0], words[1]}, output);
  Words del = {"DEL"};
  del.insert(del.end(), words.begin(), words.end());
  check(Command::del(words), del, output);

  const resp::Script script = {.source = words[0],
                               .digest = "0123456789012345678901234567890123456789"};
  const auto keys = resp::Arguments(words).first(1);
  const auto arguments = resp::Arguments(words).subspan(1);
  Buffer evalsha;
  Command::run(script, keys, arguments).encode(evalsha);
  resp::encode_eval(evalsha.bytes(), script, output);
  Words eval = {"EVAL", words[0], "1"};
  eval.insert(eval.end(), words.begin(), words.end());
  check(output, eval, resp::encoded_size(eval));
  return 0;
}
