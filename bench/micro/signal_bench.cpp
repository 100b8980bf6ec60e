// From the JSON that one client says to the frame that the other is told, beside the mere reading
// of that JSON.
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "base/buffer.hpp"
#include "bench/micro/primitives.hpp"
#include "bench/micro/relay.hpp"

namespace heliograph::bench {
namespace {

constexpr std::size_t kBody = 200;

std::string message_of(const Relay& relay, std::string_view type) {
  return type == "offer" ? relay.offer(kBody) : relay.candidate(kBody);
}

void bench_relay(benchmark::State& state, Speaks dialect, std::string_view type) {
  Relay relay(dialect);
  const std::string message = message_of(relay, type);
  const Bytes text = as_bytes(message);
  Buffer output;
  for ([[maybe_unused]] const auto _ : state) {
    output.clear();
    require(relay.relay(text, output), "the message is relayed");
  }
}

// The type, and the body as it stands there.
void bench_simdjson(benchmark::State& state, Speaks dialect, std::string_view type) {
  const simdjson::padded_string text(message_of(Relay(dialect), type));
  simdjson::ondemand::parser parser;
  for ([[maybe_unused]] const auto _ : state) {
    simdjson::ondemand::document document;
    std::string_view said_type;
    simdjson::ondemand::object object;
    std::string_view body;
    require(parser.iterate(text).get(document) == simdjson::SUCCESS &&
                document["type"].get(said_type) == simdjson::SUCCESS &&
                document[type].get_object().get(object) == simdjson::SUCCESS &&
                object.raw_json().get(body) == simdjson::SUCCESS,
            "it is JSON");
    benchmark::DoNotOptimize(body);
  }
}

BENCHMARK_CAPTURE(bench_relay, tutorial_offer, Speaks::kTutorial, "offer")
    ->Name("signal/tutorial_offer/heliograph");
BENCHMARK_CAPTURE(bench_simdjson, tutorial_offer, Speaks::kTutorial, "offer")
    ->Name("signal/tutorial_offer/simdjson");
BENCHMARK_CAPTURE(bench_relay, tutorial_candidate, Speaks::kTutorial, "candidate")
    ->Name("signal/tutorial_candidate/heliograph");
BENCHMARK_CAPTURE(bench_simdjson, tutorial_candidate, Speaks::kTutorial, "candidate")
    ->Name("signal/tutorial_candidate/simdjson");
BENCHMARK_CAPTURE(bench_relay, v1_offer, Speaks::kHeliograph, "offer")
    ->Name("signal/v1_offer/heliograph");
BENCHMARK_CAPTURE(bench_simdjson, v1_offer, Speaks::kHeliograph, "offer")
    ->Name("signal/v1_offer/simdjson");
BENCHMARK_CAPTURE(bench_relay, v1_candidate, Speaks::kHeliograph, "candidate")
    ->Name("signal/v1_candidate/heliograph");
BENCHMARK_CAPTURE(bench_simdjson, v1_candidate, Speaks::kHeliograph, "candidate")
    ->Name("signal/v1_candidate/simdjson");

}  // namespace
}  // namespace heliograph::bench
