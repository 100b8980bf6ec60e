#include "app/user.hpp"

#include <algorithm>
#include <iostream>
#include <set>

#include "app/exit_status.hpp"
#include "app/files.hpp"
#include "app/password_prompt.hpp"
#include "app/redis_client.hpp"
#include "app/redis_option.hpp"
#include "app/users.hpp"
#include "crypto/start.hpp"
#include "signal/credential.hpp"
#include "signal/name.hpp"

namespace heliograph::app {

namespace {

// Where users are kept: each verb fails with one line, or has done its work.
class UserStore {
 public:
  UserStore() = default;
  UserStore(const UserStore&) = delete;
  UserStore& operator=(const UserStore&) = delete;
  virtual ~UserStore() = default;

  // False, and nothing changed, if the user exists already.
  virtual bool add(const std::string& name, const std::string& hash) = 0;
  // The others: false, and nothing changed, if there is no such user.
  virtual bool change(const std::string& name, const std::string& hash) = 0;
  virtual bool remove(const std::string& name) = 0;
  virtual bool exists(const std::string& name) = 0;
  virtual std::set<std::string> names() = 0;
};

class FileStore final : public UserStore {
 public:
  explicit FileStore(std::string path)
      : path_(std::move(path)), users_(load_users(path_).value_or(signal::UsersFile())) {}

  bool add(const std::string& name, const std::string& hash) override {
    if (exists(name)) return false;
    users_.set(name, hash);
    write_private_file(path_, users_.format());
    return true;
  }

  bool change(const std::string& name, const std::string& hash) override {
    if (!exists(name)) return false;
    users_.set(name, hash);
    write_private_file(path_, users_.format());
    return true;
  }

  bool remove(const std::string& name) override {
    if (!users_.remove(name)) return false;
    write_private_file(path_, users_.format());
    return true;
  }

  bool exists(const std::string& name) override { return users_.find(name).has_value(); }

  std::set<std::string> names() override {
    std::set<std::string> names;
    for (const auto& [name, hash] : users_.users()) names.insert(name);
    return names;
  }

 private:
  std::string path_;
  signal::UsersFile users_;
};

class RedisStore final : public UserStore {
 public:
  RedisStore(const resp::Url& url, std::string prefix) : client_(url), prefix_(std::move(prefix)) {}

  bool add(const std::string& name, const std::string& hash) override {
    return !client_.command({"SET", prefix_ + name, hash, "NX"}).is_null();
  }

  bool change(const std::string& name, const std::string& hash) override {
    return !client_.command({"SET", prefix_ + name, hash, "XX"}).is_null();
  }

  bool remove(const std::string& name) override {
    return client_.command({"DEL", prefix_ + name}).integer() > 0;
  }

  // GET fails where another kind of value would be overwritten.
  bool exists(const std::string& name) override {
    return !client_.command({"GET", prefix_ + name}).is_null();
  }

  std::set<std::string> names() override {
    std::set<std::string> names;
    std::string cursor = "0";
    do {
      const resp::Reply page = client_.command({"SCAN", cursor, "TYPE", "string", "COUNT", "1000"});
      cursor = page[0].text();
      for (const resp::Reply key : page[1].children()) {
        const std::string_view text = key.text();
        if (!text.starts_with(prefix_)) continue;
        const std::string_view name = text.substr(prefix_.size());
        if (signal::is_name(name)) names.emplace(name);
      }
    } while (cursor != "0");
    return names;
  }

 private:
  RedisClient client_;
  std::string prefix_;
};

std::string hash_new_password(const std::string& name) {
  auto hash = signal::hash_password(read_new_password(name));
  if (!hash) throw Failure(EX_SOFTWARE, "cannot hash the password: not enough memory");
  return std::move(*hash);
}

Failure no_such_user(const std::string& name) {
  return {EX_NOUSER, "there is no user '" + name + "'"};
}

Failure user_exists(const std::string& name) {
  return {EX_DATAERR,
          "there is a user '" + name + "' already: 'heliograph user passwd' changes the password"};
}

}  // namespace

void UserCommand::define(CLI::App& command) {
  command.require_subcommand(1);
  const auto verb = [this, &command](const char* name, const char* text, bool named, auto action) {
    CLI::App* const sub = command.add_subcommand(name, text);
    if (named) sub->add_option("NAME", name_, "The user")->required();
    sub->add_option("--users", users_, "The users file")
        ->envname("HELIOGRAPH_USERS")
        ->capture_default_str();
    sub->add_option("--redis", redis_, "redis:// or unix: URL; the users are there, not in a file")
        ->envname("HELIOGRAPH_REDIS");
    sub->add_option("--redis-password-file", redis_password_file_,
                    "File whose first line is the password for Redis "
                    "(or set HELIOGRAPH_REDIS_PASSWORD)")
        ->envname("HELIOGRAPH_REDIS_PASSWORD_FILE");
    sub->add_option("--redis-prefix", redis_prefix_, "What stands in front of a name in its key")
        ->envname("HELIOGRAPH_REDIS_PREFIX");
    sub->callback([this, named, action] {
      crypto::start();
      if (named && !signal::is_name(name_)) {
        throw Failure(EX_DATAERR, "a name has 1 to 128 bytes of UTF-8 without control characters");
      }
      if (redis_.empty()) {
        FileStore store(users_);
        action(store, name_);
      } else {
        RedisStore store(parse_redis_option(redis_, redis_password_file_), redis_prefix_);
        action(store, name_);
      }
    });
  };
  verb("add", "Add a user; the password is asked for, or read from standard input", true,
       [](UserStore& store, const std::string& name) {
         if (store.exists(name) || !store.add(name, hash_new_password(name))) {
           throw user_exists(name);
         }
       });
  verb("passwd", "Change a user's password", true, [](UserStore& store, const std::string& name) {
    if (!store.exists(name) || !store.change(name, hash_new_password(name))) {
      throw no_such_user(name);
    }
  });
  verb("remove", "Remove a user", true, [](UserStore& store, const std::string& name) {
    if (!store.remove(name)) throw no_such_user(name);
  });
  verb("list", "List the users, one per line", false,
       [](UserStore& store, const std::string& /*name*/) {
         for (const std::string& user : store.names()) std::cout << user << '\n';
       });
}

}  // namespace heliograph::app
