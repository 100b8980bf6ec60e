#include "app/files.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/exit_status.hpp"
#include "net/file_descriptor.hpp"

namespace heliograph::app {

namespace {

// A file that is read at start is text of people's size; a device or a film is a mistake.
constexpr std::size_t kMaxFileSize = std::size_t{64} << 20;
constexpr std::size_t kBlockSize = std::size_t{16} * 1024;

[[noreturn]] void throw_unreadable(const std::filesystem::path& path, std::string_view what,
                                   const std::string& reason) {
  throw Failure(EX_NOINPUT, "cannot read the " + std::string(what) + " file '" + path.string() +
                                "': " + reason);
}

std::string reason(int error) {
  return std::system_category().message(error);
}

[[noreturn]] void throw_unwritable(const std::filesystem::path& path, const std::string& why) {
  throw Failure(EX_IOERR, "cannot write '" + path.string() + "': " + why);
}

net::FileDescriptor create(const std::filesystem::path& path, Readers readers) {
  constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
  const mode_t mode = readers == Readers::kOwner ? kOwnerOnly : kOwnerOnly | S_IRGRP | S_IROTH;
  net::FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.valid() || ::fchmod(file.get(), mode) != 0) {
    throw Failure(EX_CANTCREAT, "cannot create '" + path.string() + "': " + reason(errno));
  }
  return file;
}

void write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_unwritable(path, reason(errno));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

template <class Content>
std::optional<Content> read_if_present(const std::filesystem::path& path, std::string_view what) {
  const net::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT) return std::nullopt;
    throw_unreadable(path, what, reason(errno));
  }
  Content content;
  for (;;) {
    const std::size_t size = content.size();
    content.resize(size + kBlockSize);
    const ssize_t count = ::read(file.get(), content.data() + size, kBlockSize);
    if (count < 0) throw_unreadable(path, what, reason(errno));
    content.resize(size + static_cast<std::size_t>(count));
    if (count == 0) return content;
    if (content.size() > kMaxFileSize) throw_unreadable(path, what, "it is larger than 64 MiB");
  }
}

template <class Content>
Content read(const std::filesystem::path& path, std::string_view what) {
  std::optional<Content> content = read_if_present<Content>(path, what);
  if (!content) throw_unreadable(path, what, reason(ENOENT));
  return std::move(*content);
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::string_view what) {
  return read<std::string>(path, what);
}

std::optional<std::string> read_file_if_present(const std::filesystem::path& path,
                                                std::string_view what) {
  return read_if_present<std::string>(path, what);
}

crypto::SecretBytes read_secret_file(const std::filesystem::path& path, std::string_view what) {
  return read<crypto::SecretBytes>(path, what);
}

std::optional<crypto::SecretBytes> read_secret_file_if_present(const std::filesystem::path& path,
                                                               std::string_view what) {
  return read_if_present<crypto::SecretBytes>(path, what);
}

void write_private_file(const std::filesystem::path& path, std::string_view content) {
  replace_file(path, content, Readers::kOwner);
}

void create_file(const std::filesystem::path& path, std::string_view content, Readers readers) {
  const net::FileDescriptor file = create(path, readers);
  write_all(file.get(), content, path);
  if (::fsync(file.get()) != 0) throw_unwritable(path, reason(errno));
}

void replace_file(const std::filesystem::path& path, std::string_view content, Readers readers) {
  const std::filesystem::path partial = path.string() + ".new";
  // Nobody else's file or link is written through.
  ::unlink(partial.c_str());
  create_file(partial, content, readers);
  if (::rename(partial.c_str(), path.c_str()) != 0) {
    throw Failure(EX_IOERR, "cannot replace '" + path.string() + "': " + reason(errno));
  }
}

std::string_view first_line(std::string_view content) {
  content = content.substr(0, content.find('\n'));
  if (content.ends_with('\r')) content.remove_suffix(1);
  return content;
}

}  // namespace heliograph::app
