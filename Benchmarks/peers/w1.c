// W1 in C, one thread: which accounts are below maintenance at the marks of mark2?
// c-plain          float64, the loop one writes first: 18 bytes per position
// c-exact          int64 and int128; entry costs folded, one row per instrument, and divisions
//                  once per account
// c-exact-grouped  the same, accounts sorted by their number of positions, which the branch
//                  predictor likes
// Build: cc -O3 -march=native -o w1 w1.c -lm        Usage: w1 DIR
#include "peers.h"
#include <math.h>

typedef __int128 wide;

enum { BRACKETS = 5, RUNS = 9 };
// Exact units: quantities and money 10⁻⁸, prices and rates 10⁻⁶.
static const int64_t QUANTITY = 100000000, MONEY = 100000000, PRICE = 1000000, RATE = 1000000;
// quantity × price is value × 10¹⁴; × rate, × 10²⁰.
static const int64_t VALUE_TO_MONEY = 1000000, CHARGE_TO_MONEY = 1000000000000;

static size_t accounts, positions, instruments;
static uint32_t *ends;
static uint16_t *instrument_of;

// c-plain

static double *quantity, *entry, *wallet, *mark, *bracket_floor, *bracket_rate, *bracket_deduction;
static double *equity, *required;
static uint8_t *below;

static inline double maintenance(size_t instrument, double notional) {
    const double *floors = bracket_floor + instrument * BRACKETS;
    int bracket = 0;
    while (bracket < BRACKETS - 1 && notional >= floors[bracket + 1]) bracket++;
    size_t line = instrument * BRACKETS + bracket;
    return notional * bracket_rate[line] - bracket_deduction[line];
}

static long sweep_plain(void) {
    long breaches = 0;
    for (size_t account = 0; account < accounts; account++) {
        double value = wallet[account], margin = 0;
        for (uint32_t p = ends[account]; p < ends[account + 1]; p++) {
            size_t instrument = instrument_of[p];
            value += quantity[p] * (mark[instrument] - entry[p]);
            margin += maintenance(instrument, fabs(quantity[p]) * mark[instrument]);
        }
        equity[account] = value;
        required[account] = margin;
        breaches += below[account] = value < margin;
    }
    return breaches;
}

// c-exact

typedef struct {
    int64_t mark;        // price
    int64_t charge;      // mark × rate of the first bracket
    int64_t first_size;  // from this size on, the first bracket does not hold
    int64_t unused;
} row;

static row *rows;
static int64_t *exact_quantity, *exact_wallet, *exact_equity, *exact_required;
static wide *cost;  // Σ quantity × entry of the account
static int64_t *exact_floor, *exact_rate, *exact_deduction;

// What a position above the first bracket needs on top of the first bracket's rate.
static wide __attribute__((noinline)) surcharge(size_t instrument, int64_t size) {
    wide value = (wide)size * rows[instrument].mark;
    int64_t notional = (int64_t)(value / VALUE_TO_MONEY);
    size_t line = instrument * BRACKETS, last = line + BRACKETS - 1;
    while (line < last && notional >= exact_floor[line + 1]) line++;
    return value * exact_rate[line] - (wide)exact_deduction[line] * CHARGE_TO_MONEY
        - (wide)size * rows[instrument].charge;
}

static long sweep_exact(void) {
    long breaches = 0;
    for (size_t account = 0; account < accounts; account++) {
        wide value = -cost[account], charge = 0;
        for (uint32_t p = ends[account]; p < ends[account + 1]; p++) {
            const row *market = &rows[instrument_of[p]];
            int64_t signed_size = exact_quantity[p];
            int64_t size = signed_size < 0 ? -signed_size : signed_size;
            value += (wide)signed_size * market->mark;
            charge += (wide)size * market->charge;
            if (__builtin_expect(size >= market->first_size, 0))
                charge += surcharge(instrument_of[p], size);
        }
        int64_t held = exact_wallet[account] + (int64_t)(value / VALUE_TO_MONEY);
        int64_t margin = (int64_t)(charge / CHARGE_TO_MONEY);
        exact_equity[account] = held;
        exact_required[account] = margin;
        breaches += below[account] = held < margin;
    }
    return breaches;
}

static void make_exact(void) {
    exact_quantity = allocate(8 * positions);
    exact_wallet = allocate(8 * accounts);
    exact_equity = allocate(8 * accounts);
    exact_required = allocate(8 * accounts);
    cost = allocate(16 * accounts);
    for (size_t account = 0; account < accounts; account++) {
        exact_wallet[account] = llround(wallet[account] * (double)MONEY);
        for (uint32_t p = ends[account]; p < ends[account + 1]; p++) {
            exact_quantity[p] = llround(quantity[p] * (double)QUANTITY);
            cost[account] += (wide)exact_quantity[p] * llround(entry[p] * (double)PRICE);
        }
    }
    size_t lines = instruments * BRACKETS;
    exact_floor = allocate(8 * lines);
    exact_rate = allocate(8 * lines);
    exact_deduction = allocate(8 * lines);
    rows = allocate(sizeof *rows * instruments);
    for (size_t line = 0; line < lines; line++) {
        exact_floor[line] = llround(bracket_floor[line] * (double)MONEY);
        exact_rate[line] = llround(bracket_rate[line] * (double)RATE);
        if (line % BRACKETS == 0) continue;
        wide step = (wide)exact_floor[line] * (exact_rate[line] - exact_rate[line - 1]);
        exact_deduction[line] = exact_deduction[line - 1] + (int64_t)(step / RATE);
    }
    for (size_t i = 0; i < instruments; i++) {
        rows[i].mark = llround(mark[i] * (double)PRICE);
        rows[i].charge = rows[i].mark * exact_rate[i * BRACKETS];
        wide second_floor = (wide)exact_floor[i * BRACKETS + 1] * VALUE_TO_MONEY;
        rows[i].first_size = (int64_t)(second_floor / rows[i].mark);
    }
}

// Puts accounts with equally many positions side by side, in place of the order of their ids.
static void group_by_count(void) {
    uint32_t *new_ends = allocate(4 * (accounts + 1));
    uint16_t *new_instrument = allocate(2 * positions);
    int64_t *new_quantity = allocate(8 * positions), *new_wallet = allocate(8 * accounts);
    wide *new_cost = allocate(16 * accounts);
    uint32_t most = 0, place = 0;
    for (size_t a = 0; a < accounts; a++)
        if (ends[a + 1] - ends[a] > most) most = ends[a + 1] - ends[a];
    size_t next = 0;
    for (uint32_t count = 0; count <= most; count++)
        for (size_t a = 0; a < accounts; a++) {
            if (ends[a + 1] - ends[a] != count) continue;
            memcpy(new_instrument + place, instrument_of + ends[a], 2 * count);
            memcpy(new_quantity + place, exact_quantity + ends[a], 8 * count);
            new_wallet[next] = exact_wallet[a];
            new_cost[next++] = cost[a];
            new_ends[next] = place += count;
        }
    ends = new_ends;
    instrument_of = new_instrument;
    exact_quantity = new_quantity;
    exact_wallet = new_wallet;
    cost = new_cost;
}

static void measure(const char *who, const char *what, long (*sweep)(void)) {
    double times[RUNS];
    long breaches = sweep();  // warms up
    for (int run = 0; run < RUNS; run++) {
        double start = processor_time();
        breaches = sweep();
        times[run] = processor_time() - start;
    }
    double middle = median(times, RUNS);
    printf("{\"bench\":\"w1 %s\",\"who\":\"%s\",\"cpu_ms\":[%.3f,%.3f,%.3f],\"per_s\":%.0f,"
           "\"runs\":%d,\"breaches\":%ld}\n",
           what, who, times[0] * 1e3, middle * 1e3, times[RUNS - 1] * 1e3,
           (double)positions / middle, RUNS, breaches);
    fflush(stdout);
}

int main(int count, char **words) {
    if (count != 2) {
        fprintf(stderr, "usage: w1 DIR\n");
        return 2;
    }
    const char *folder = words[1];
    size_t ignored;
    wallet = read_file(folder, "wallet", 8, &accounts);
    ends = read_file(folder, "off", 4, &ignored);
    instrument_of = read_file(folder, "inst", 2, &positions);
    quantity = read_file(folder, "qty", 8, &ignored);
    entry = read_file(folder, "entry", 8, &ignored);
    mark = read_file(folder, "mark2", 8, &instruments);
    bracket_floor = read_file(folder, "floor", 8, &ignored);
    bracket_rate = read_file(folder, "rate", 8, &ignored);
    bracket_deduction = read_file(folder, "ded", 8, &ignored);
    equity = allocate(8 * accounts);
    required = allocate(8 * accounts);
    below = allocate(accounts);

    measure("c-plain", "C, float64, scalar loop with bracket search", sweep_plain);
    make_exact();
    measure("c-exact", "C, exact int64/int128, divisions once per account", sweep_exact);
    group_by_count();
    measure("c-exact-grouped", "C, exact, accounts grouped by position count", sweep_exact);
    return 0;
}
