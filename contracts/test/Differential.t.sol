// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IToken} from "./support/IToken.sol";
import {PlainBatch} from "./support/PlainBatch.sol";
import {TokenTest} from "./support/TokenTest.sol";
import {Vm, vm} from "./support/Vm.sol";

/// @title The optimised batches against the plain ones: same logs, same balances, same windows, same reverts
contract DifferentialTest is TokenTest {
    uint256 private constant PEOPLE = 6;
    PlainBatch private plain;
    uint256 private seed;

    function setUp() public override {
        super.setUp();
        plain = new PlainBatch(token.DOMAIN_SEPARATOR(), FEES, FEE_CAP, DAILY_LIMIT);
        for (uint256 i; i < PEOPLE; ++i) {
            address who = vm.addr(i + 1);
            uint96 won = uint96(i * 700);
            mint(who, won);
            plain.give(who, won);
            vm.prank(who);
            token.setRefundKey(vm.addr(100 + i), uint40(900 * i));
            plain.setRefundKey(who, vm.addr(100 + i), 900 * i);
        }
        freeze(vm.addr(6));
        plain.setFrozen(vm.addr(6), true);
    }

    function testFuzz_settlesAsThePlainTwinDoes(uint256 seed_) public {
        seed = seed_;
        for (uint256 round; round < 3; ++round) {
            bytes memory batch;
            for (uint256 groups = random(4); groups > 0; --groups) {
                batch = abi.encodePacked(batch, randomGroup());
            }
            compare(disturb(batch), IToken.settleBatch.selector);
        }
    }

    function testFuzz_refundsAsThePlainTwinDoes(uint256 seed_) public {
        seed = seed_;
        Payment[] memory paid = new Payment[](6);
        bytes memory batch;
        for (uint256 i; i < paid.length; ++i) {
            paid[i] = randomPayment(vm.addr(1 + random(3)));
            batch = abi.encodePacked(batch, group(paid[i].merchant, 0, 1, item(paid[i])));
        }
        compare(batch, IToken.settleBatch.selector);
        if (random(8) == 0) freezeBoth(vm.addr(1 + random(3)));
        for (uint256 round; round < 3; ++round) {
            batch = "";
            for (uint256 groups = 1 + random(3); groups > 0; --groups) {
                Payment memory p = paid[random(paid.length)];
                uint16 count = uint16(1 + random(3));
                bytes memory items;
                for (uint256 i; i < count; ++i) {
                    if (random(6) == 0) p = paid[random(paid.length)];
                    items = abi.encodePacked(items, refundItem(p, randomRefund(p)));
                }
                batch = abi.encodePacked(batch, refundGroup(p.merchant, count, items));
            }
            compare(disturb(batch), IToken.refundBatch.selector);
        }
    }

    function compare(bytes memory batch, bytes4 call) private {
        bytes memory data = abi.encodeWithSelector(call, batch);
        vm.recordLogs();
        vm.prank(SETTLER);
        (bool done,) = address(token).call(data);
        Vm.Log[] memory found = vm.getRecordedLogs();
        vm.recordLogs();
        (bool expected,) = address(plain).call(data);
        Vm.Log[] memory wanted = vm.getRecordedLogs();
        vm.assertTrue(done == expected, "one reverted, the other did not");
        // Forge also records the logs of what reverted.
        if (done) {
            vm.assertEq(found.length, wanted.length, "number of logs");
            for (uint256 i; i < found.length; ++i) {
                vm.assertEq(abi.encode(found[i].topics, found[i].data), abi.encode(wanted[i].topics, wanted[i].data));
            }
        }
        for (uint256 i; i < PEOPLE; ++i) {
            sameAccount(vm.addr(i + 1));
        }
        sameAccount(FEES);
        vm.assertEq(DAILY_LIMIT - token.settlerOf(SETTLER).spent, plain.settlerLeft(), "settler's limit");
    }

    function sameAccount(address who) private view {
        IToken.Account memory found = accountOf(who);
        vm.assertEq(found.balance, plain.balanceOf(who), "balance");
        vm.assertEq(found.base, plain.baseOf(who), "base");
        vm.assertEq(found.window, plain.windowOf(who), "window");
        (,, uint256 spent) = plain.keys(who);
        vm.assertEq(token.refundKeyOf(who).spent, spent, "refunds of the day");
    }

    function randomGroup() private returns (bytes memory) {
        // Now and then the frozen one, the fee recipient, or nobody.
        uint256 pick = random(PEOPLE + 3);
        address to =
            pick < PEOPLE ? vm.addr(pick + 1) : pick == PEOPLE ? FEES : pick == PEOPLE + 1 ? address(0) : vm.addr(1);
        uint16 count = uint16(random(6));
        bytes memory items;
        for (uint256 i; i < count; ++i) {
            items = abi.encodePacked(items, item(randomPayment(to)));
        }
        uint16 basisPoints = uint16(random(40) == 0 ? FEE_CAP + 1 : random(FEE_CAP + 1));
        return group(to, basisPoints, count, items);
    }

    function randomPayment(address to) private returns (Payment memory p) {
        p.key = 1 + random(PEOPLE);
        p.merchant = to;
        p.amount = uint64(random(12) == 0 ? 0 : random(10) == 0 ? 5_000 : random(600));
        uint256 base = accountOf(vm.addr(p.key)).base;
        p.nonce = uint48(random(8) == 0 ? base + random(1_200) : random(20) == 0 ? random(70) : base + random(70));
        p.validBefore = random(10) == 0 ? uint32(block.timestamp - random(2)) : LATER;
        p.invoice = bytes16(keccak256(abi.encode(random(type(uint256).max))));
    }

    function randomRefund(Payment memory p) private returns (Refund memory r) {
        uint256 before = token.refundedOf(paymentId(p));
        uint256 owner = p.merchant == vm.addr(1) ? 100 : p.merchant == vm.addr(2) ? 101 : 102;
        r.key = random(8) == 0 ? 99 : owner;
        r.amount = uint64(random(10) == 0 ? 0 : random(p.amount + 2));
        r.refundedBefore = uint64(random(6) == 0 ? before + random(5) : before);
        r.validBefore = random(10) == 0 ? uint32(block.timestamp) : LATER;
    }

    function freezeBoth(address who) private {
        freeze(who);
        plain.setFrozen(who, true);
    }

    /// @dev Sometimes a flipped byte, sometimes a lost end.
    function disturb(bytes memory batch) private returns (bytes memory) {
        uint256 kind = random(6);
        if (batch.length == 0 || kind > 1) return batch;
        uint256 at = random(batch.length);
        if (kind == 0) {
            batch[at] = bytes1(uint8(random(256)));
        } else {
            assembly {
                mstore(batch, at)
            }
        }
        return batch;
    }

    function random(uint256 below) private returns (uint256) {
        seed = uint256(keccak256(abi.encode(seed)));
        return below == 0 ? 0 : seed % below;
    }
}
