// The crypto room beside libcrypto's own interface: what typed secrets and RAII cost.
#include <array>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/micro/cpu_time.hpp"
#include "bench/micro/primitives.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/key_share.hpp"
#include "crypto/self_signed.hpp"
#include "crypto/sign.hpp"

namespace heliograph::bench {
namespace {

constexpr std::array<std::uint8_t, 16> kKey = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::array<std::uint8_t, 5> kHeader = {23, 3, 3, 0, 0};
constexpr std::size_t kBatch = 64;

void bench_clock(benchmark::State& state) {
  CpuTime time;
  for ([[maybe_unused]] const auto _ : state) {
    time.of([] {});
    time.report(state);
  }
}
BENCHMARK(bench_clock)->Name("clock")->UseManualTime();

void bench_seal(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  crypto::SealingKey key(crypto::AeadAlgorithm::kAes128Gcm, kKey);
  const std::vector<std::uint8_t> text(size, 'x');
  std::vector<std::uint8_t> record(size + kTagSize);
  crypto::AeadNonce nonce{};
  const Bytes piece = text;
  for ([[maybe_unused]] const auto _ : state) {
    ++nonce[0];
    key.seal(nonce, kHeader, {&piece, 1}, record);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(bench_seal)->Name("crypto/seal/heliograph")->Arg(64)->Arg(1024)->Arg(16384);

void bench_seal_bare(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  BareAead key(true);
  const std::vector<std::uint8_t> text(size, 'x');
  std::vector<std::uint8_t> record(size + kTagSize);
  for ([[maybe_unused]] const auto _ : state) {
    key.seal(kHeader, text, record.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(bench_seal_bare)->Name("crypto/seal/bare")->Arg(64)->Arg(1024)->Arg(16384);

// Opening works in place: each batch is sealed anew, which does not count.
void bench_open(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  crypto::SealingKey sealing(crypto::AeadAlgorithm::kAes128Gcm, kKey);
  crypto::OpeningKey opening(crypto::AeadAlgorithm::kAes128Gcm, kKey);
  const crypto::AeadNonce nonce{};
  std::vector<std::vector<std::uint8_t>> records(kBatch);
  CpuTime time;
  for ([[maybe_unused]] const auto _ : state) {
    for (auto& record : records) {
      record.assign(size + kTagSize, 'x');
      sealing.seal(nonce, kHeader, record);
    }
    time.of([&] {
      for (auto& record : records) {
        require(opening.open(nonce, kHeader, record).has_value(), "the record is authentic");
      }
    });
    time.report(state, kBatch);
  }
}
BENCHMARK(bench_open)
    ->Name("crypto/open/heliograph")
    ->Arg(64)
    ->Arg(1024)
    ->Arg(16384)
    ->Apply([](auto* b) { timed_by_hand(b, kBatch); });

void bench_open_bare(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  BareAead sealing(true);
  BareAead opening(false);
  const std::vector<std::uint8_t> text(size, 'x');
  std::vector<std::vector<std::uint8_t>> records(kBatch);
  CpuTime time;
  for ([[maybe_unused]] const auto _ : state) {
    for (auto& record : records) {
      record.resize(size + kTagSize);
      sealing.seal(kHeader, text, record.data());
    }
    time.of([&] {
      for (auto& record : records) opening.open(kHeader, record);
    });
    time.report(state, kBatch);
  }
}
BENCHMARK(bench_open_bare)
    ->Name("crypto/open/bare")
    ->Arg(64)
    ->Arg(1024)
    ->Arg(16384)
    ->Apply([](auto* b) { timed_by_hand(b, kBatch); });

void bench_hash(benchmark::State& state) {
  const std::vector<std::uint8_t> text(static_cast<std::size_t>(state.range(0)), 'x');
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(crypto::hash(crypto::HashAlgorithm::kSha256, text));
  }
}
BENCHMARK(bench_hash)->Name("crypto/sha256/heliograph")->Arg(64)->Arg(1024);

void bench_hash_bare(benchmark::State& state) {
  const std::vector<std::uint8_t> text(static_cast<std::size_t>(state.range(0)), 'x');
  const Owned<EVP_MD, EVP_MD_free> hash(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  std::array<std::uint8_t, 32> digest;
  for ([[maybe_unused]] const auto _ : state) {
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, hash.get(), nullptr);
    benchmark::DoNotOptimize(digest);
  }
}
BENCHMARK(bench_hash_bare)->Name("crypto/sha256/bare")->Arg(64)->Arg(1024);

// HKDF-Expand of one block from a key that is new each time.
void bench_hkdf(benchmark::State& state) {
  const std::array<std::uint8_t, 32> key{};
  const std::array<std::uint8_t, 50> info{};
  std::array<std::uint8_t, 32> out;
  for ([[maybe_unused]] const auto _ : state) {
    crypto::hkdf_expand(crypto::HmacKey(crypto::HashAlgorithm::kSha256, key), info, out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(bench_hkdf)->Name("crypto/hkdf_expand/heliograph");

void bench_hkdf_bare(benchmark::State& state) {
  const std::array<std::uint8_t, 32> key{};
  const std::array<std::uint8_t, 50> info{};
  std::array<std::uint8_t, 32> out;
  BareHkdf hkdf;
  for ([[maybe_unused]] const auto _ : state) {
    hkdf.expand(key, info, out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(bench_hkdf_bare)->Name("crypto/hkdf_expand/bare");

void bench_sign(benchmark::State& state) {
  const std::vector<std::string> names = {"localhost"};
  const auto made = crypto::make_self_signed(names, 1'700'000'000, 30).value();
  const auto key = crypto::PrivateKey::from_pem(made.private_key_pem, {}).value();
  const std::array<std::uint8_t, 130> message{};
  Buffer signature;
  for ([[maybe_unused]] const auto _ : state) {
    signature.clear();
    require(key.sign(crypto::SignatureScheme::kEcdsaSecp256r1Sha256, message, signature),
            "a signature is made");
  }
}
BENCHMARK(bench_sign)->Name("crypto/sign_p256/heliograph");

void bench_sign_bare(benchmark::State& state) {
  BareSigner signer;
  const std::array<std::uint8_t, 130> message{};
  for ([[maybe_unused]] const auto _ : state) signer.sign(message);
}
BENCHMARK(bench_sign_bare)->Name("crypto/sign_p256/bare");

template <crypto::Group group>
void bench_key_share(benchmark::State& state) {
  const crypto::KeyShare peer = crypto::KeyShare::generate(group);
  for ([[maybe_unused]] const auto _ : state) {
    const crypto::KeyShare own = crypto::KeyShare::generate(group);
    require(own.derive(peer.public_value()).has_value(), "a secret is derived");
  }
}
BENCHMARK(bench_key_share<crypto::Group::kX25519>)->Name("crypto/key_share_x25519/heliograph");
BENCHMARK(bench_key_share<crypto::Group::kSecp256r1>)->Name("crypto/key_share_p256/heliograph");

template <Curve curve>
void bench_key_share_bare(benchmark::State& state) {
  BareKeyExchange exchange(curve);
  for ([[maybe_unused]] const auto _ : state) {
    exchange.generate();
    exchange.derive();
  }
}
BENCHMARK(bench_key_share_bare<Curve::kX25519>)->Name("crypto/key_share_x25519/bare");
BENCHMARK(bench_key_share_bare<Curve::kP256>)->Name("crypto/key_share_p256/bare");

}  // namespace
}  // namespace heliograph::bench
