#include "crypto/pkcs12.hpp"

#include <gmock/gmock.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/base64.hpp"
#include "tests/crypto/authority.hpp"
#include "tests/crypto/fixtures.hpp"

namespace heliograph::crypto {
namespace {

using ::testing::ElementsAre;

using File = std::vector<std::uint8_t>;

constexpr const char* kWord = "secret";

File file_of(std::string_view fixture) {
  std::string text(fixture);
  std::erase(text, '\n');
  return base64_decode(text).value();
}

// As other programs may write it.
File make(const Issued* owner, const X509* leaf, const std::vector<const Issued*>& others,
          int iterations = 1) {
  const Handle<STACK_OF(X509)> stack(sk_X509_new_null());
  for (const Issued* other : others) {
    X509_up_ref(other->certificate.get());
    sk_X509_push(stack.get(), other->certificate.get());
  }
  const Handle<X509> certificate(leaf == nullptr ? nullptr : X509_dup(leaf));
  const Handle<PKCS12> made(PKCS12_create(kWord, "name",
                                          owner == nullptr ? nullptr : owner->key.get(),
                                          certificate.get(), stack.get(), 0, 0, 1, iterations, 0));
  unsigned char* der = nullptr;
  const int size = i2d_PKCS12(made.get(), &der);
  File file(der, der + size);
  OPENSSL_free(der);
  return file;
}

std::string error_of(const File& file, std::string_view passphrase = kWord) {
  const auto pair = load_pkcs12(file, passphrase);
  return pair ? "no error" : pair.error();
}

TEST(Pkcs12, LoadsWhatOpensslWrites) {
  const auto pair = load_pkcs12(file_of(fixtures::kPkcs12), fixtures::kPassphrase);
  ASSERT_TRUE(pair.has_value()) << pair.error();
  EXPECT_TRUE(pair->chain.matches(pair->key));
  // The file's other certificate has issued nothing here.
  const auto expected = CertificateChain::from_pem(as_bytes(fixtures::kP256Certificate)).value();
  EXPECT_EQ(pair->chain.certificates(), expected.certificates());
  EXPECT_EQ(error_of(file_of(fixtures::kPkcs12WithoutPassphrase), ""), "no error");
}

TEST(Pkcs12, ChainIsOrderedFromTheLeafUp) {
  const Issued root = issue_self_signed(authority("root"));
  const Issued upper = issue(authority("upper"), root);
  const Issued lower = issue(authority("lower"), upper);
  const Issued leaf = issue(server("DNS:a"), lower);
  const Issued strange = issue_self_signed(authority("strange"));
  const auto pair =
      load_pkcs12(make(&leaf, leaf.certificate.get(), {&root, &strange, &lower, &upper}), kWord);
  ASSERT_TRUE(pair.has_value()) << pair.error();
  EXPECT_THAT(pair->chain.certificates(), ElementsAre(leaf.der, lower.der, upper.der, root.der));
}

TEST(Pkcs12, WrongOrMissingPassphraseIsNamed) {
  const File file = file_of(fixtures::kPkcs12);
  EXPECT_EQ(error_of(file, "wrong"), "the passphrase is wrong, or the file is damaged");
  EXPECT_EQ(error_of(file, ""), "the file is encrypted: give its passphrase");
  const std::string longer = std::string(fixtures::kPassphrase) + '\0';
  EXPECT_EQ(error_of(file, longer), "the passphrase has a zero byte: give it as text");
}

TEST(Pkcs12, OutdatedEncryptionIsNamed) {
  EXPECT_EQ(error_of(file_of(fixtures::kLegacyPkcs12), fixtures::kPassphrase),
            "the file is encrypted in an outdated or unknown way: make it again with 'openssl "
            "pkcs12 -export', without -legacy");
}

TEST(Pkcs12, MissingPartsAreNamed) {
  const Issued root = issue_self_signed(authority("root"));
  const Issued leaf = issue(server("DNS:a"), root);
  EXPECT_EQ(
      error_of(make(nullptr, leaf.certificate.get(), {})),
      "the file has no private key: export it again together with the key of its certificate");
  const std::string no_certificate =
      "the file has no certificate that belongs to its private key: export it again with that "
      "certificate";
  EXPECT_EQ(error_of(make(&leaf, nullptr, {&root})), no_certificate);
  EXPECT_EQ(error_of(make(&leaf, nullptr, {})), no_certificate);
}

TEST(Pkcs12, KeysThatCannotBeUsedAreNamed) {
  Wish wish = server("DNS:a");
  wish.key = "RSA-1024";
  const Issued weak = issue_self_signed(wish);
  EXPECT_EQ(error_of(make(&weak, weak.certificate.get(), {})),
            "the certificate cannot be used: RSA key of 1024 bits is too short: 2048 at least");
}

TEST(Pkcs12, DamagedFilesAreNamed) {
  const std::string damaged =
      "the file is not PKCS#12, or is damaged: make it again with 'openssl pkcs12 -export'";
  const File file = file_of(fixtures::kPkcs12);
  EXPECT_EQ(error_of({}), damaged);
  EXPECT_EQ(error_of({file.begin(), file.end() - 1}), damaged);
  File longer = file;
  longer.push_back(0);
  EXPECT_EQ(error_of(longer), damaged);
  const Bytes pem = as_bytes(fixtures::kP256Certificate);
  EXPECT_EQ(error_of({pem.begin(), pem.end()}), damaged);
  File changed = file;
  changed[changed.size() / 2] ^= 1;
  EXPECT_EQ(error_of(changed, fixtures::kPassphrase),
            "the passphrase is wrong, or the file is damaged");
}

TEST(Pkcs12, FilesWithoutAMacAreRefused) {
  EXPECT_EQ(error_of(file_of(fixtures::kPkcs12WithoutMac), fixtures::kPassphrase),
            "the file has no checksum by passphrase: make it again with 'openssl pkcs12 -export'");
}

// The iterations stand at the end of the file: INTEGER of two bytes, 2048 by openssl.
TEST(Pkcs12, IterationsAreBounded) {
  File file = file_of(fixtures::kPkcs12);
  const std::size_t end = file.size();
  ASSERT_EQ(File(file.end() - 4, file.end()), (File{0x02, 0x02, 0x08, 0x00}));
  file[end - 2] = 0x80;  // negative
  EXPECT_EQ(error_of(file, fixtures::kPassphrase),
            "the file does not hash its passphrase 1 to 2,000,000 times: make it again with "
            "'openssl pkcs12 -export'");
}

TEST(Pkcs12, MayHaveOneMebibyteAndNoMore) {
  EXPECT_NE(error_of(File(std::size_t{1} << 20U)), "the file is too large: 1 MiB at most");
  EXPECT_EQ(error_of(File((std::size_t{1} << 20U) + 1)), "the file is too large: 1 MiB at most");
}

}  // namespace
}  // namespace heliograph::crypto
