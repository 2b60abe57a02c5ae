import PlimsollWire
import Testing

@Suite struct `Faults of brackets` {
    @Test(arguments: [
        (
            "{floor: 0, cap: 40000, maxLeverage: 100, maintenanceRate: 0.005}\n"
                + "{floor: 50000, maxLeverage: 50, maintenanceRate: 0.01}",
            """
            x.yaml:14:9: instruments.BTCUSDT.brackets[0]: the cap is 40000, but the next floor is \
            50000: a gap.
              Make them equal, or leave the cap out: it is the next floor.
            """
        ),
        (
            "{floor: 0, cap: 60000, maxLeverage: 100, maintenanceRate: 0.005}\n"
                + "{floor: 50000, maxLeverage: 50, maintenanceRate: 0.01}",
            """
            x.yaml:14:9: instruments.BTCUSDT.brackets[0]: the cap is 60000, but the next floor is \
            50000: an overlap.
              Make them equal, or leave the cap out: it is the next floor.
            """
        ),
        (
            "{floor: 10, maxLeverage: 100, maintenanceRate: 0.005}",
            """
            x.yaml:14:9: instruments.BTCUSDT.brackets[0]: the first floor is 10, not 0.
              Start at 0, so that every amount has its place.
            """
        ),
        (
            RulebookSample.first + "\n{floor: 0, maxLeverage: 50, maintenanceRate: 0.01}",
            """
            x.yaml:15:9: instruments.BTCUSDT.brackets[1]: the floor is 0, but the bracket before \
            it \
            starts at 0.
              Floors must rise; correct it, or reorder the brackets.
            """
        ),
        (
            "{floor: 0, maxLeverage: 0.5, maintenanceRate: 0.5%}",
            """
            x.yaml:14:33: instruments.BTCUSDT.brackets[0].maxLeverage: the leverage 0.5 is below 1.
              Use at least 1: the whole notional as margin.
            x.yaml:14:55: instruments.BTCUSDT.brackets[0].maintenanceRate: '0.5%' is not a decimal \
            number.
              Write digits with at most one point, such as 1250.5; no commas, no units.
            """
        ),
        (
            "{floor: 1e13, maxLeverage: 50, maintenanceRate: -0.1}",
            """
            x.yaml:14:17: instruments.BTCUSDT.brackets[0].floor: 10000000000000 is beyond the \
            limit \
            of 1000000000000.
              Use a number of at most 1000000000000.
            x.yaml:14:57: instruments.BTCUSDT.brackets[0].maintenanceRate: the rate -0.1 is not \
            from \
            0 to 1.
              Write a fraction: 0.004 for 0.4 %.
            """
        ),
    ])
    func `of brackets that no computation could use`(list: String, message: String) {
        #expect(RulebookSample.faults(of: RulebookSample.brackets(list)) == message)
        #expect(RulebookSample.faults(of: RulebookSample.brackets(list), .use) == message)
    }

    @Test(arguments: [
        (
            RulebookSample.first + "\n{floor: 50000, maxLeverage: 50, maintenanceRate: 0.004}",
            """
            x.yaml:15:9: instruments.BTCUSDT.brackets[1]: maintenanceRate is 0.004, below 0.005 of \
            the bracket before it.
              Rates must not fall as size grows; correct one of them, or reorder the brackets by \
            floor.
            """
        ),
        (
            RulebookSample.first + "\n{floor: 50000, maxLeverage: 125, maintenanceRate: 0.006}",
            """
            x.yaml:15:9: instruments.BTCUSDT.brackets[1]: maxLeverage is 125, above 100 of the \
            bracket before it.
              Leverage must not rise as size grows; correct one of them.
            """
        ),
        (
            "{floor: 0, maxLeverage: 100, maintenanceRate: 0.0101}",
            """
            x.yaml:14:9: instruments.BTCUSDT.brackets[0]: maintenanceRate is 0.0101, above 1 ÷ \
            maxLeverage (100).
              Lower one of them: a new position must not start in liquidation.
            """
        ),
        (
            RulebookSample.first
                + "\n{floor: 50000, maxLeverage: 50, maintenanceRate: 0.01, "
                + "maintenanceAmount: 200}",
            """
            x.yaml:15:9: instruments.BTCUSDT.brackets[1]: maintenanceAmount is 200, but \
            maintenance \
            is continuous at the floor only with 250.
              Use 250, or correct the floor or a rate.
            """
        ),
        (
            "{floor: 0, maxLeverage: 100, maintenanceRate: 0.005, maintenanceAmount: 5}",
            """
            x.yaml:14:9: instruments.BTCUSDT.brackets[0]: maintenanceAmount of the first bracket \
            is \
            5, not 0.
              Use 0: otherwise small positions need less than nothing.
            """
        ),
        (
            "{floor: 0, maintenanceRate: 0.005}",
            """
            x.yaml:14:9: instruments.BTCUSDT.brackets[0]: 'maxLeverage' is missing; 200 is taken, \
            at \
            which initial margin is maintenance.
              Add 'maxLeverage' as the venue publishes it.
            """
        ),
    ])
    func `of figures stop a check and warn a what-if`(list: String, message: String) {
        #expect(RulebookSample.faults(of: RulebookSample.brackets(list)) == message)
        #expect(
            RulebookSample.faults(of: RulebookSample.brackets(list), .use) == "warned: " + message
        )
    }
}
