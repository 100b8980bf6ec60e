// The WebSocket machine in memory, as a server.
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>
#include <zlib.h>

#include "base/buffer.hpp"
#include "bench/micro/cpu_time.hpp"
#include "bench/micro/primitives.hpp"
#include "http/parser.hpp"
#include "ws/connection.hpp"
#include "ws/deflate.hpp"
#include "ws/handshake.hpp"
#include "ws/mask.hpp"
#include "ws/pending_upgrade.hpp"
#include "ws/utf8.hpp"

namespace heliograph::bench {
namespace {

constexpr std::size_t kLong = 16384;
// In one batch: so many that asking for the time does not count; of 64 bytes each, they fit in the
// first cache.
constexpr std::size_t kFrames = 256;
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
// As a browser sends it.
constexpr std::string_view kRequest =
    "GET /chat HTTP/1.1\r\nHost: localhost:9090\r\nConnection: Upgrade\r\nPragma: no-cache\r\n"
    "Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n"
    "Upgrade: websocket\r\nOrigin: https://localhost:9090\r\nSec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    "Sec-WebSocket-Protocol: heliograph.v1\r\n\r\n";

void bench_accept_key(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) benchmark::DoNotOptimize(ws::accept_key(kKey));
}
BENCHMARK(bench_accept_key)->Name("ws/accept_key/heliograph");

// From the bytes of the request to those of the answer.
void bench_opening(benchmark::State& state) {
  std::string request;
  Buffer output;
  for ([[maybe_unused]] const auto _ : state) {
    request = kRequest;
    output.clear();
    http::RequestParser parser;
    MutableBytes input(reinterpret_cast<std::uint8_t*>(request.data()), kRequest.size());
    const auto head = parser.receive(input);
    require(head.has_value() && head->has_value(), "the request is one");
    const auto upgrade = ws::check_upgrade(**head, ws::OriginPolicy::any());
    require(upgrade.has_value(), "it asks for a WebSocket");
    const ws::PendingUpgrade pending(*upgrade);
    require(pending.accept({.subprotocol = "heliograph.v1"}, output).has_value(), "and gets it");
  }
}
BENCHMARK(bench_opening)->Name("ws/opening/heliograph");

// Frames as they come, one behind the other. Reading them takes the mask away, so that each batch
// is written anew, which does not count.
void bench_text_frame(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const ws::MaskKey mask = {0x37, 0xfa, 0x21, 0x3d};
  Buffer frames;
  for (std::size_t i = 0; i < kFrames; ++i) {
    frames.append(ws::make_frame_header(ws::Opcode::kText, {}, size, mask).view());
    frames.append(std::string(size, 'x'));
    ws::apply_mask(frames.mutable_bytes().last(size), mask);
  }
  const ws::Limits limits;
  ws::Connection connection(ws::Role::kServer, limits);
  Buffer wire;
  Buffer output;
  CpuTime time;
  for ([[maybe_unused]] const auto _ : state) {
    wire.clear();
    wire.append(frames.bytes());
    MutableBytes input = wire.mutable_bytes();
    std::size_t messages = 0;
    time.of([&] {
      for (;;) {
        const auto event = connection.receive(input, output);
        if (!event || event->kind != ws::Event::Kind::kMessage) break;
        benchmark::DoNotOptimize(event->data.data());
        ++messages;
      }
    });
    require(messages == kFrames, "every frame is a message");
    time.report(state, kFrames);
  }
}
BENCHMARK(bench_text_frame)
    ->Name("ws/receive_text/heliograph")
    ->Arg(64)
    ->Arg(kLong)
    ->Apply([](auto* b) { timed_by_hand(b, kFrames); });

void bench_unmask(benchmark::State& state) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)));
  ws::MaskKey mask = {0x37, 0xfa, 0x21, 0x3d};
  for ([[maybe_unused]] const auto _ : state) {
    mask = ws::apply_mask(bytes, mask);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(bench_unmask)->Name("ws/unmask/heliograph")->Arg(64)->Arg(kLong);

void bench_copy(benchmark::State& state) {
  const std::vector<std::uint8_t> from(static_cast<std::size_t>(state.range(0)));
  std::vector<std::uint8_t> to(from.size());
  for ([[maybe_unused]] const auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(bench_copy)->Name("ws/unmask/memcpy")->Arg(64)->Arg(kLong);

std::string ascii(std::size_t size) {
  return std::string(size, 'x');
}

// Words with accents, some Greek, Chinese and emoji, which is every length of a character.
std::string mixed(std::size_t size) {
  constexpr std::string_view kPhrase = "Le cœur déçu, Ζεύς καὶ Ἥρα, 信号 \U0001f525 and so on. ";
  std::string text;
  while (text.size() + kPhrase.size() <= size) text += kPhrase;
  return text.append(size - text.size(), '.');
}

template <std::string (*text)(std::size_t)>
void bench_utf8(benchmark::State& state) {
  const std::string sample = text(static_cast<std::size_t>(state.range(0)));
  for ([[maybe_unused]] const auto _ : state)
    require(ws::is_utf8(as_bytes(sample)), "the text is UTF-8");
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(bench_utf8<ascii>)->Name("ws/utf8_ascii/heliograph")->Arg(64)->Arg(kLong);
BENCHMARK(bench_utf8<mixed>)->Name("ws/utf8_mixed/heliograph")->Arg(64)->Arg(kLong);

template <std::string (*text)(std::size_t)>
void bench_utf8_simdjson(benchmark::State& state) {
  const std::string sample = text(static_cast<std::size_t>(state.range(0)));
  for ([[maybe_unused]] const auto _ : state)
    require(simdjson::validate_utf8(sample), "the text is UTF-8");
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(bench_utf8_simdjson<ascii>)->Name("ws/utf8_ascii/simdjson")->Arg(64)->Arg(kLong);
BENCHMARK(bench_utf8_simdjson<mixed>)->Name("ws/utf8_mixed/simdjson")->Arg(64)->Arg(kLong);

// Different from line to line, as the text of a session description is.
std::string compressible(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) {
    text += "a=candidate:" + std::to_string(i * 7919 % 1009) + " 1 udp 2113937151 192.0.2." +
            std::to_string(i % 256) + " 5" + std::to_string(1000 + i * 31 % 9000) + " typ host\r\n";
  }
  text.resize(size);
  return text;
}

void bench_deflate(benchmark::State& state) {
  const std::string text = compressible(static_cast<std::size_t>(state.range(0)));
  ws::DeflatePool pool;
  const auto deflate =
      ws::make_message_deflate(ws::Role::kServer, {true, true, 15, 15}, {.pool = &pool});
  const Bytes piece = as_bytes(text);
  Buffer output;
  for ([[maybe_unused]] const auto _ : state) {
    output.clear();
    require(deflate->compress({&piece, 1}, output), "the message becomes shorter");
  }
}
BENCHMARK(bench_deflate)->Name("ws/deflate/heliograph")->Arg(1024)->Arg(kLong);

void bench_deflate_bare(benchmark::State& state) {
  const std::string text = compressible(static_cast<std::size_t>(state.range(0)));
  z_stream stream{};
  require(deflateInit2(&stream, ws::kDefaultDeflateLevel, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) ==
              Z_OK,
          "zlib is there");
  std::vector<std::uint8_t> output(2 * text.size());
  for ([[maybe_unused]] const auto _ : state) {
    deflateReset(&stream);
    stream.next_in = const_cast<Bytef*>(as_bytes(text).data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = output.data();
    stream.avail_out = static_cast<uInt>(output.size());
    ::deflate(&stream, Z_SYNC_FLUSH);
    benchmark::ClobberMemory();
  }
  deflateEnd(&stream);
}
BENCHMARK(bench_deflate_bare)->Name("ws/deflate/zlib")->Arg(1024)->Arg(kLong);

}  // namespace
}  // namespace heliograph::bench
