// The TLS machine in memory, as a server: handshakes and records, beside libssl on the same
// libcrypto, and beside the primitives alone. The client is libssl's in every handshake; only what
// the server does counts (cpu_time.hpp), from the making of the connection to its last ticket.
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/buffer.hpp"
#include "bench/micro/cpu_time.hpp"
#include "bench/micro/libssl.hpp"
#include "bench/micro/primitives.hpp"
#include "crypto/self_signed.hpp"
#include "tls/server.hpp"
#include "tls/ticket.hpp"

namespace heliograph::bench {
namespace {

constexpr std::size_t kBatch = 16;

std::int64_t wall_clock() {
  return std::int64_t{std::time(nullptr)} * 1000;
}

const crypto::NewCertificate& certificate() {
  static const auto kMade = [] {
    const std::vector<std::string> names = {"localhost"};
    return crypto::make_self_signed(names, std::time(nullptr), 30).value();
  }();
  return kMade;
}

// A server of either kind: what differs between the two, and nothing else.
class Heliograph {
 public:
  class Context {
   public:
    explicit Context(const char* /*groups*/) {
      tls::ServerConfig config;
      config.credentials = {tls::load_credential(as_bytes(certificate().certificate_pem),
                                                 certificate().private_key_pem, {})
                                .value()};
      config.tickets = tls::TicketKeys::generate();
      config_ = std::make_shared<const tls::ServerConfig>(std::move(config));
    }
    std::shared_ptr<const tls::ServerConfig> config_;
  };

  Heliograph(const Context& context, std::int64_t now) : connection_(context.config_, now) {}

  void receive(MutableBytes input, Buffer& output) {
    for (;;) {
      const auto event = connection_.receive(input, output);
      require(event.has_value(), "TLS works");
      if (event->kind == tls::Event::Kind::kNeedMore) return;
      benchmark::DoNotOptimize(event->data.data());
    }
  }
  void send(Bytes text, Buffer& output) { connection_.send(text, output); }
  [[nodiscard]] bool established() const { return connection_.established(); }
  [[nodiscard]] bool resumed() const { return connection_.resumed(); }

 private:
  tls::ServerConnection connection_;
};

class Libssl {
 public:
  class Context {
   public:
    explicit Context(const char* groups)
        : ssl_(libssl_server(groups, as_bytes(certificate().certificate_pem),
                             certificate().private_key_pem)) {}
    OwnedSslContext ssl_;
  };

  Libssl(const Context& context, std::int64_t /*now*/)
      : connection_(LibsslConnection::server(*context.ssl_)) {}

  void receive(MutableBytes input, Buffer& output) { connection_.receive(input, output); }
  void send(Bytes text, Buffer& output) { connection_.send(text, output); }
  [[nodiscard]] bool established() const { return connection_.established(); }
  [[nodiscard]] bool resumed() const { return connection_.resumed(); }

 private:
  LibsslConnection connection_;
};

// A client, a server, and a handshake between them.
template <class Server>
struct Pair {
  Pair(SSL_CTX& client_context, const typename Server::Context& context, SSL_SESSION* session,
       CpuTime& time)
      : client(LibsslConnection::client(client_context, session)) {
    const std::int64_t now = wall_clock();
    client.receive({}, to_server);
    time.of([&] {
      server = std::make_unique<Server>(context, now);
      server->receive(to_server.mutable_bytes(), to_client);
    });
    pass_to_client();
    time.of([&] { server->receive(to_server.mutable_bytes(), to_client); });
    pass_to_client();
    require(server->established() && client.established(), "the handshake is complete");
    require(server->resumed() == (session != nullptr), "it is a full one, or a resumed one");
  }

  void pass_to_client() {
    to_server.clear();
    client.receive(to_client.bytes(), to_server);
    to_client.clear();
  }

  LibsslConnection client;
  std::unique_ptr<Server> server;
  Buffer to_server;
  Buffer to_client;
};

template <class Server>
void bench_full(benchmark::State& state, const char* groups) {
  const OwnedSslContext client = libssl_client(groups);
  const typename Server::Context context(groups);
  CpuTime time;
  for ([[maybe_unused]] const auto _ : state) {
    const Pair<Server> pair(*client, context, nullptr, time);
    time.report(state);
  }
}

template <class Server>
void bench_resumed(benchmark::State& state, const char* groups) {
  const OwnedSslContext client = libssl_client(groups);
  const typename Server::Context context(groups);
  CpuTime ignored;
  const OwnedSession session = Pair<Server>(*client, context, nullptr, ignored).client.session();
  require(SSL_SESSION_is_resumable(session.get()) == 1, "a ticket has come");
  CpuTime time;
  for ([[maybe_unused]] const auto _ : state) {
    const Pair<Server> pair(*client, context, session.get(), time);
    time.report(state);
  }
}

// What no server can do without: a key of its own, the shared secret, and a signature unless it is
// resumed.
void bench_primitives(benchmark::State& state, Curve curve, bool signs) {
  BareKeyExchange exchange(curve);
  BareSigner signer;
  const std::vector<std::uint8_t> content(130);
  CpuTime time;
  for ([[maybe_unused]] const auto _ : state) {
    time.of([&] {
      exchange.generate();
      exchange.derive();
      if (signs) signer.sign(content);
    });
    time.report(state);
  }
}

template <class Server>
void bench_send_record(benchmark::State& state) {
  const OwnedSslContext client = libssl_client("X25519");
  const typename Server::Context context("X25519");
  CpuTime ignored;
  const Pair<Server> pair(*client, context, nullptr, ignored);
  const std::vector<std::uint8_t> text(static_cast<std::size_t>(state.range(0)), 'x');
  Buffer output;
  for ([[maybe_unused]] const auto _ : state) {
    output.clear();
    pair.server->send(text, output);
    benchmark::ClobberMemory();
  }
}

// One record after the other, as they come in one reading of the socket.
template <class Server>
void bench_receive_record(benchmark::State& state) {
  const OwnedSslContext client = libssl_client("X25519");
  const typename Server::Context context("X25519");
  CpuTime time;
  Pair<Server> pair(*client, context, nullptr, time);
  CpuTime measured;
  const std::vector<std::uint8_t> text(static_cast<std::size_t>(state.range(0)), 'x');
  Buffer records;
  Buffer output;
  for ([[maybe_unused]] const auto _ : state) {
    records.clear();
    for (std::size_t i = 0; i < kBatch; ++i) pair.client.send(text, records);
    measured.of([&] { pair.server->receive(records.mutable_bytes(), output); });
    measured.report(state, kBatch);
  }
}

// The same work with nothing but the cipher: header and type of content included.
void bench_seal_bare(benchmark::State& state) {
  const std::vector<std::uint8_t> header(5);
  const std::vector<std::uint8_t> text(static_cast<std::size_t>(state.range(0)) + 1, 'x');
  std::vector<std::uint8_t> record(text.size() + kTagSize);
  BareAead key(true);
  for ([[maybe_unused]] const auto _ : state) {
    key.seal(header, text, record.data());
    benchmark::ClobberMemory();
  }
}

void bench_open_bare(benchmark::State& state) {
  const std::vector<std::uint8_t> header(5);
  const std::vector<std::uint8_t> text(static_cast<std::size_t>(state.range(0)) + 1, 'x');
  const std::size_t size = text.size() + kTagSize;
  std::vector<std::uint8_t> records(kBatch * size);
  BareAead sealing(true);
  BareAead opening(false);
  CpuTime time;
  for ([[maybe_unused]] const auto _ : state) {
    for (std::size_t i = 0; i < kBatch; ++i) sealing.seal(header, text, records.data() + i * size);
    time.of([&] {
      for (std::size_t i = 0; i < kBatch; ++i) {
        opening.open(header, MutableBytes(records).subspan(i * size, size));
      }
    });
    time.report(state, kBatch);
  }
}

void handshake(benchmark::internal::Benchmark* benchmark) {
  timed_by_hand(benchmark);
}
void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(64)->Arg(1024)->Arg(16384);
}
void sizes_in_batches(benchmark::internal::Benchmark* benchmark) {
  sizes(benchmark);
  timed_by_hand(benchmark, kBatch);
}

constexpr auto kFullHeliograph = bench_full<Heliograph>;
constexpr auto kFullLibssl = bench_full<Libssl>;
constexpr auto kResumedHeliograph = bench_resumed<Heliograph>;
constexpr auto kResumedLibssl = bench_resumed<Libssl>;

BENCHMARK_CAPTURE(kFullHeliograph, x25519, "X25519")
    ->Name("tls/full_x25519/heliograph")
    ->Apply(handshake);
BENCHMARK_CAPTURE(kFullLibssl, x25519, "X25519")->Name("tls/full_x25519/libssl")->Apply(handshake);
BENCHMARK_CAPTURE(bench_primitives, x25519, Curve::kX25519, true)
    ->Name("tls/full_x25519/primitives")
    ->Apply(handshake);
BENCHMARK_CAPTURE(kFullHeliograph, p256, "P-256")
    ->Name("tls/full_p256/heliograph")
    ->Apply(handshake);
BENCHMARK_CAPTURE(kFullLibssl, p256, "P-256")->Name("tls/full_p256/libssl")->Apply(handshake);
BENCHMARK_CAPTURE(bench_primitives, p256, Curve::kP256, true)
    ->Name("tls/full_p256/primitives")
    ->Apply(handshake);
BENCHMARK_CAPTURE(kResumedHeliograph, x25519, "X25519")
    ->Name("tls/resumed_x25519/heliograph")
    ->Apply(handshake);
BENCHMARK_CAPTURE(kResumedLibssl, x25519, "X25519")
    ->Name("tls/resumed_x25519/libssl")
    ->Apply(handshake);
BENCHMARK_CAPTURE(bench_primitives, resumed, Curve::kX25519, false)
    ->Name("tls/resumed_x25519/primitives")
    ->Apply(handshake);

BENCHMARK(bench_send_record<Heliograph>)->Name("tls/send/heliograph")->Apply(sizes);
BENCHMARK(bench_send_record<Libssl>)->Name("tls/send/libssl")->Apply(sizes);
BENCHMARK(bench_seal_bare)->Name("tls/send/bare")->Apply(sizes);
BENCHMARK(bench_receive_record<Heliograph>)
    ->Name("tls/receive/heliograph")
    ->Apply(sizes_in_batches);
BENCHMARK(bench_receive_record<Libssl>)->Name("tls/receive/libssl")->Apply(sizes_in_batches);
BENCHMARK(bench_open_bare)->Name("tls/receive/bare")->Apply(sizes_in_batches);

}  // namespace
}  // namespace heliograph::bench
