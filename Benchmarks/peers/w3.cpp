// W3 in C++, one thread: a stream of fills and transfers; after each event the whole account is
// checked at the fixed marks. Exact: int64 amounts, int128 products.
// cpp-unordered-map  an unordered_map of accounts, each with an unordered_map of positions
// Build: c++ -O3 -march=native -std=c++20 -o w3 w3.cpp        Usage: w3 DIR
#include <algorithm>
#include <cstdlib>
#include <unordered_map>
#include <vector>

#include "peers.h"

using wide = __int128;

constexpr int runs = 5;
constexpr int brackets = 5;
// Quantities are 10⁻⁸; prices, money and rates 10⁻⁶.
constexpr int64_t quantity_unit = 100'000'000, rate_unit = 1'000'000;
constexpr int64_t notional_per_fee = 2'000;  // 5 basis points

enum : uint8_t { fill = 0, transfer = 1 };

struct Event {
    uint32_t account;
    uint16_t instrument;
    uint8_t kind, zero;
    int64_t amount;  // fill: signed quantity; transfer: money
    int64_t price;
};
static_assert(sizeof(Event) == 24);

struct Position {
    int64_t quantity = 0;
    int64_t cost = 0;  // signed, of what is open
};

struct Account {
    int64_t wallet = 0;
    std::unordered_map<uint16_t, Position> positions;
};

using Book = std::unordered_map<uint32_t, Account>;

template <typename Element>
struct File {
    Element *elements;
    size_t count;

    File(const char *folder, const char *name)
        : elements(static_cast<Element *>(read_file(folder, name, sizeof(Element), &count))) {}
    const Element *begin() const { return elements; }
    const Element *end() const { return elements + count; }
};

struct Market {
    File<int64_t> mark, floor, deduction;
    File<int32_t> rate;

    explicit Market(const char *folder)
        : mark(folder, "w3_mark"), floor(folder, "w3_floor"), deduction(folder, "w3_ded"),
          rate(folder, "w3_rate") {}
};

// Changes the position by the fill; returns the realised profit less the fee.
static int64_t trade(Position &position, int64_t quantity, int64_t price) {
    int64_t notional = static_cast<int64_t>(static_cast<wide>(quantity) * price / quantity_unit);
    int64_t fee = std::abs(notional) / notional_per_fee;
    bool same_side = position.quantity == 0 || (position.quantity > 0) == (quantity > 0);
    if (same_side) {
        position.quantity += quantity;
        position.cost += notional;
        return -fee;
    }
    int64_t open = std::abs(position.quantity), size = std::abs(quantity);
    if (size <= open) {
        int64_t released = static_cast<int64_t>(static_cast<wide>(position.cost) * size / open);
        position.quantity += quantity;
        position.cost -= released;
        return -notional - released - fee;
    }
    // It turns round: all of it is closed, and the rest of the fill opens the other side.
    int64_t closing = static_cast<int64_t>(static_cast<wide>(notional) * open / size);
    int64_t released = position.cost;
    position.quantity += quantity;
    position.cost = notional - closing;
    return -closing - released - fee;
}

static bool is_in_breach(const Account &account, const Market &market) {
    int64_t equity = account.wallet, required = 0;
    for (const auto &[instrument, position] : account.positions) {
        wide value = static_cast<wide>(position.quantity) * market.mark.elements[instrument];
        int64_t notional = static_cast<int64_t>(value / quantity_unit);
        equity += notional - position.cost;
        int64_t size = std::abs(notional);
        size_t line = instrument * brackets, last = line + brackets - 1;
        while (line < last && size >= market.floor.elements[line + 1]) line++;
        wide charge = static_cast<wide>(size) * market.rate.elements[line];
        required += static_cast<int64_t>((charge + rate_unit - 1) / rate_unit)
            - market.deduction.elements[line];
    }
    return equity < required;
}

// Applies the event and tells whether the account is in breach after it.
static bool apply(const Event &event, Book &book, const Market &market) {
    Account &account = book[event.account];
    if (event.kind == transfer) {
        account.wallet += event.amount;
    } else {
        auto found = account.positions.try_emplace(event.instrument).first;
        account.wallet += trade(found->second, event.amount, event.price);
        if (found->second.quantity == 0) account.positions.erase(found);
    }
    return is_in_breach(account, market);
}

static Book opened(const File<Event> &opening, const Market &market) {
    Book book;
    for (const Event &event : opening) apply(event, book, market);
    return book;
}

static void measure(const File<Event> &opening, const File<Event> &events, const Market &market) {
    double times[runs];
    long breaches = 0;
    int64_t wallets = 0;
    for (int run = -1; run < runs; run++) {  // the first warms up
        Book book = opened(opening, market);
        breaches = wallets = 0;
        double start = processor_time();
        for (const Event &event : events) breaches += apply(event, book, market);
        double time = processor_time() - start;
        if (run >= 0) times[run] = time;
        for (const auto &[number, account] : book) wallets += account.wallet;
    }
    double middle = median(times, runs);
    printf("{\"bench\":\"w3 C++ unordered_map of unordered_map, exact\","
           "\"who\":\"cpp-unordered-map\",\"cpu_ms\":[%.3f,%.3f,%.3f],\"per_s\":%.0f,"
           "\"runs\":%d,\"breach_checks\":%ld,\"wallet_sum\":%ld}\n",
           times[0] * 1e3, middle * 1e3, times[runs - 1] * 1e3,
           static_cast<double>(events.count) / middle, runs, breaches, wallets);
    fflush(stdout);
}

// Times every event by itself, with two readings of the clock.
static void measure_latency(const File<Event> &opening, const File<Event> &events,
                            const Market &market) {
    Book book = opened(opening, market);
    std::vector<double> times;
    times.reserve(events.count);
    long breaches = 0;
    for (const Event &event : events) {
        double start = seconds_of(CLOCK_MONOTONIC);
        breaches += apply(event, book, market);
        times.push_back((seconds_of(CLOCK_MONOTONIC) - start) * 1e9);
    }
    std::sort(times.begin(), times.end());
    printf("{\"bench\":\"w3 C++ unordered_map of unordered_map, ns per event incl. 2 clock reads\","
           "\"who\":\"cpp-unordered-map\",\"case\":\"w3 latency\",\"p50\":%.0f,\"p99\":%.0f,"
           "\"p99.9\":%.0f,\"breach_checks\":%ld}\n",
           times[times.size() / 2], times[times.size() * 99 / 100],
           times[times.size() * 999 / 1000], breaches);
}

int main(int count, char **words) {
    if (count != 2) {
        fprintf(stderr, "usage: w3 DIR\n");
        return 2;
    }
    const Market market(words[1]);
    const File<Event> opening(words[1], "w3_init"), events(words[1], "w3_events");
    measure(opening, events, market);
    measure_latency(opening, events, market);
    return 0;
}
