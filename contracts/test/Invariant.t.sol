// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./support/IToken.sol";
import {TokenTest} from "./support/TokenTest.sol";
import {Vm, vm} from "./support/Vm.sol";

/// @title Random calls of every kind, beside a book of what each account's owner allowed
contract Actors is TokenTest {
    uint256 public constant PEOPLE = 5;
    uint256 private constant REFUND_KEYS = 100;
    /// @dev What an account must hold, from what its owner signed or sent, and nothing else.
    mapping(address => uint256) public due;
    mapping(address => bool) private frozen;
    Payment[] private paid;
    mapping(uint256 at => uint256) public refunded;
    uint256 public supply;
    uint48 private counter;

    function initialise() external {
        super.setUp();
        for (uint256 i; i < PEOPLE; ++i) {
            mintTo(i, 100_000);
            vm.prank(who(i));
            token.setRefundKey(vm.addr(REFUND_KEYS + i), 1_000_000);
        }
    }

    function setUp() public override {}

    function tokenOf() external view returns (IToken) {
        return token;
    }

    function paidCount() external view returns (uint256) {
        return paid.length;
    }

    function paidAt(uint256 at) external view returns (uint256 amount, uint256 onChain) {
        return (paid[at].amount, token.refundedOf(paymentId(paid[at])));
    }

    function who(uint256 at) public pure returns (address) {
        return vm.addr(1 + at % PEOPLE);
    }

    function mintTo(uint256 to, uint96 won) public {
        won = won % 1_000_000;
        vm.prank(MINTER);
        (bool done,) = address(token).call(abi.encodeCall(IToken.mint, (who(to), won)));
        if (done) {
            due[who(to)] += won;
            supply += won;
        }
    }

    function transfer(uint256 from, uint256 to, uint256 won) external {
        won = won % 200_000;
        vm.prank(who(from));
        (bool done,) = address(token).call(abi.encodeCall(IToken.transfer, (who(to), won)));
        vm.assertTrue(done == (!frozen[who(from)] && !frozen[who(to)] && due[who(from)] >= won), "transfer");
        if (done) moved(who(from), who(to), won);
    }

    function setFrozen(uint256 at, bool freeze_) external {
        vm.prank(FREEZER);
        token.setFrozen(who(at), freeze_, "case");
        frozen[who(at)] = freeze_;
    }

    /// @dev One good payment between bad ones: exactly the good one may move, whatever the bad ones are.
    function settleWithBadOnes(uint256 from, uint256 to, uint64 amount, uint256 kind) external {
        Payment memory good = Payment(
            1 + from % PEOPLE, who(to), amount % 50_000, ++counter, LATER, bytes16(bytes32(uint256(counter) << 128))
        );
        bytes memory items = abi.encodePacked(bad(good, kind), item(good), bad(good, kind >> 8));
        uint256 before = token.balanceOf(who(from));
        bool pays = good.amount != 0 && due[who(from)] >= good.amount && !frozen[who(from)] && !frozen[who(to)];
        vm.recordLogs();
        settle(group(who(to), 100, 3, items));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 paidLogs;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IToken.Paid.selector) paidLogs += 1;
        }
        vm.assertEq(paidLogs, pays ? 1 : 0, "a good payment moves, a bad one does not");
        if (!pays) {
            vm.assertEq(token.balanceOf(who(from)), before, "untouched");
            return;
        }
        moved(who(from), who(to), good.amount);
        moved(who(to), FEES, good.amount / 100);
        paid.push(good);
    }

    function refund(uint256 at, uint64 amount, uint256 signer) external {
        if (paid.length == 0) return;
        at = at % paid.length;
        Payment memory p = paid[at];
        uint256 keyAt = 0;
        for (uint256 i; i < PEOPLE; ++i) {
            if (who(i) == p.merchant) keyAt = REFUND_KEYS + i;
        }
        Refund memory r = Refund(signer % 4 == 0 ? 99 : keyAt, amount % 60_000, uint64(refunded[at]), LATER);
        uint256 before = token.refundedOf(paymentId(p));
        refundAll(refundGroup(p.merchant, 1, refundItem(p, r)));
        uint256 won = token.refundedOf(paymentId(p)) - before;
        vm.assertTrue(won == 0 || (won == r.amount && r.key == keyAt), "only what the key signed");
        refunded[at] += won;
        moved(p.merchant, vm.addr(p.key), won);
    }

    function replay(uint256 at) external {
        if (paid.length == 0) return;
        settle(batchOf(paid[at % paid.length]));
    }

    function warp(uint256 time) external {
        vm.warp(block.timestamp + time % 2 days);
    }

    function moved(address from, address to, uint256 won) private {
        due[from] -= won;
        due[to] += won;
    }

    /// @dev Another payment of the same payer that must not settle.
    function bad(Payment memory good, uint256 kind) private view returns (bytes memory) {
        Payment memory p = Payment(good.key, good.merchant, 7, counter + 500, LATER, "bad");
        kind = kind % 5;
        if (kind == 0) p.validBefore = uint32(block.timestamp);
        if (kind == 1) return abi.encodePacked(bytes32(0), bytes32(uint256(1)), terms(p));
        if (kind == 2) p.amount = 0;
        if (kind == 3) p.amount = type(uint64).max;
        if (kind == 4) p.key = 0xBAD;
        return item(p);
    }
}

contract InvariantTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Actors private actors;

    function setUp() public {
        actors = new Actors();
        actors.initialise();
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = Actors.mintTo.selector;
        selectors[1] = Actors.transfer.selector;
        selectors[2] = Actors.setFrozen.selector;
        selectors[3] = Actors.settleWithBadOnes.selector;
        selectors[4] = Actors.refund.selector;
        selectors[5] = Actors.replay.selector;
        selectors[6] = Actors.warp.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(actors), selectors);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actors);
    }

    function invariant_supplyIsTheSumOfBalances() external view {
        uint256 sum = actors.tokenOf().balanceOf(address(0x1006));
        for (uint256 i; i < actors.PEOPLE(); ++i) {
            sum += actors.tokenOf().balanceOf(actors.who(i));
        }
        vm.assertEq(actors.tokenOf().totalSupply(), sum, "supply");
        vm.assertEq(actors.supply(), sum, "minted");
    }

    function invariant_noWonMovesWithoutItsOwner() external view {
        for (uint256 i; i < actors.PEOPLE(); ++i) {
            vm.assertEq(actors.tokenOf().balanceOf(actors.who(i)), actors.due(actors.who(i)), "balance");
        }
    }

    function invariant_refundsOfAPaymentStayWithinIt() external view {
        for (uint256 i; i < actors.paidCount(); ++i) {
            (uint256 amount, uint256 onChain) = actors.paidAt(i);
            vm.assertTrue(onChain <= amount, "refunded too much");
            vm.assertEq(onChain, actors.refunded(i), "refunded");
        }
    }
}
